import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expectShape, parseJson } from "../../functions/platform/http/http-json.ts";
import { tokenSchema } from "../../functions/providers/constant-contact/answers.ts";
import type { Credentials } from "../../functions/providers/constant-contact/constant-contact-configuration.ts";
import { errorKeyOf } from "../../functions/providers/constant-contact/refusal.ts";
import { tokenRequest } from "../../functions/providers/constant-contact/token-endpoint.ts";

/** An application, as its owner registered it. */
export type Application = Pick<Credentials, "clientId" | "clientSecret">;

export interface AuthorisationOptions {
  readonly application: Application;
  readonly tokenUrl: string;
  /** 0 for any free one */
  readonly port: number;
  /** Shows the page on which the person consents. */
  show(url: string): void;
}

const scope = "contact_data offline_access";
const timeoutMs = 60_000;

/**
 * Has a person authorise the application, by an authorization code with PKCE: the provider sends the person back to a
 * page of this machine.
 *
 * @returns what the secret holds
 * @throws Error that says what to do, and quotes nothing of the answer
 */
export async function authorise(options: AuthorisationOptions): Promise<Credentials> {
  const { application, tokenUrl, show } = options;
  const state = randomBytes(16).toString("base64url");
  const verifier = randomBytes(32).toString("base64url");
  const credentials = Promise.withResolvers<Credentials>();
  // It may fail before it is waited for.
  credentials.promise.catch(() => undefined);

  const server = createServer(async (request, response) => {
    const answer = answerIn(request, state);
    if (answer === undefined) return reply(response, 404, "This is not what newsletter-sync waits for.");
    try {
      const code = codeOf(answer);
      const proof = { code, redirect_uri: redirectUri, code_verifier: verifier };
      credentials.resolve(await exchange(proof, { application, tokenUrl }));
      reply(response, 200, "newsletter-sync is authorised. You can close this page.");
    } catch (error) {
      credentials.reject(error);
      reply(response, 400, "newsletter-sync is not authorised. The terminal says why.");
    }
  });
  server.listen(options.port, "127.0.0.1");
  await once(server, "listening");
  const redirectUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  show(authorizeUrl({ application, tokenUrl, redirectUri, state, verifier }));
  try {
    return await credentials.promise;
  } finally {
    server.close();
    server.closeIdleConnections();
  }
}

interface Asked extends Pick<AuthorisationOptions, "application" | "tokenUrl"> {
  readonly redirectUri: string;
  readonly state: string;
  readonly verifier: string;
}

/** The page of consent, which is beside the address where tokens are asked for. */
function authorizeUrl({ application, tokenUrl, redirectUri, state, verifier }: Asked): string {
  const url = new URL("authorize", tokenUrl);
  url.search = new URLSearchParams({
    client_id: application.clientId,
    redirect_uri: redirectUri,
    response_type: "code",
    scope,
    state,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  }).toString();
  return url.href;
}

/** What the provider sent the person back with; undefined if it was not asked for by us, which its state tells. */
function answerIn({ url = "/" }: IncomingMessage, state: string): URLSearchParams | undefined {
  const { pathname, searchParams } = new URL(url, "http://127.0.0.1");
  return pathname === "/" && searchParams.get("state") === state ? searchParams : undefined;
}

function codeOf(answer: URLSearchParams): string {
  const code = answer.get("code");
  if (code !== null) return code;
  const error = answer.get("error") ?? "";
  const word = /^[a-z_]{1,40}$/.test(error) ? error : "no code";
  throw new Error(`the provider sent you back with ${word}: nothing was authorised`);
}

/** @param proof the code, and what proves that it was meant for us */
async function exchange(
  proof: Readonly<Record<string, string>>,
  { application, tokenUrl }: Pick<AuthorisationOptions, "application" | "tokenUrl">,
): Promise<Credentials> {
  const request = tokenRequest(application, { grant_type: "authorization_code", ...proof });
  const call = {
    method: "POST",
    redirect: "error",
    signal: AbortSignal.timeout(timeoutMs),
    ...request,
  } as const;
  const response = await fetch(tokenUrl, call).catch(() => {
    throw new Error("the provider's token URL does not answer");
  });
  const body = await response.text();
  if (!response.ok) {
    const key = errorKeyOf(body);
    throw new Error(`the provider answered ${response.status}${key ? ` (${key})` : ""}, and gave no token`);
  }
  const { refresh_token: refreshToken } = expectShape(tokenSchema, parseJson(Buffer.from(body)));
  if (refreshToken === undefined)
    throw new Error("the provider gave no refresh token: does the application have offline_access?");
  return { ...application, refreshToken };
}

function reply(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", connection: "close" }).end(text);
}
