import { randomUUID } from "node:crypto";
import { CredentialError } from "../../domain/errors.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Http } from "../../platform/http/http.ts";
import { readJson } from "../../platform/http/http-json.ts";
import type { ReadSecret, WriteSecret } from "../../platform/secrets.ts";
import { takeLock } from "../../platform/storage/lock.ts";
import { accountLockKey } from "../../platform/storage/object-keys.ts";
import type { ObjectStore } from "../../platform/storage/object-store.ts";
import type { TokenRequest } from "../renewed-token.ts";
import { accountName } from "./account-name.ts";
import { type TokenAnswer, tokenSchema } from "./answers.ts";
import { type Credentials, credentialsExample, credentialsSchema } from "./constant-contact-configuration.ts";
import { graceAfter } from "./grace.ts";
import { Pace } from "./pace.ts";
import { tokenRefusalOf } from "./refusal.ts";
import { tokenRequest } from "./token-endpoint.ts";

export interface TokenOptions {
  readonly http: Http;
  readonly tokenUrl: string;
  /** The name of the secret that holds the credentials. */
  readonly secret: string;
  readonly readSecret: ReadSecret;
  readonly writeSecret: WriteSecret;
  /** Has the lock that keeps functions from renewing one token at the same time. */
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly deadline: number | undefined;
  /** @default Math.random */
  readonly random?: (() => number) | undefined;
}

const endpoint = "POST /token";
/** How long before its end a token counts as expired. */
const marginMs = 300_000;
/** How long the provider may take to answer, and how long the lock lasts: what is left is for writing the secret. */
const answerMs = 20_000;
const lockMs = 30_000;
const lookAgainMs = 1_000;
/** How often the secret is written if that fails, and the wait between. */
const writes = { attempts: 5, waitMs: 1_000 };

/**
 * What asks for an access token: the one in the secret while it is good, else a new one. A refresh token may be good for
 * one renewal only. So one function at a time renews it, and what the provider answers is in the secret before it is
 * used. A run that is killed between the two loses it: then only a person can authorise anew.
 */
export function createTokenRequest(options: TokenOptions): TokenRequest {
  const { secret, store, clock } = options;
  const key = accountLockKey(accountName(secret));
  const pace = new Pace({ perSecond: 1, clock, random: options.random });
  return async (signal, refused) => {
    for (;;) {
      const standing = goodToken(await readCredentials(options), { clock, refused });
      if (standing !== undefined) return standing;
      const now = clock.now();
      const lock = await takeLock(store, {
        key,
        runId: randomUUID(),
        now: new Date(now),
        expiresAt: new Date(now + lockMs),
      });
      if ("holder" in lock) {
        // Another function is renewing the token.
        await clock.wait(lookAgainMs, signal);
        continue;
      }
      try {
        return await renew({ ...options, pace, signal, refused, until: now + answerMs });
      } finally {
        await lock.release();
      }
    }
  };
}

interface Renewal extends TokenOptions {
  readonly pace: Pace;
  readonly signal: AbortSignal;
  /** An access token that no longer works. */
  readonly refused: string | undefined;
  /** When the provider must have answered, in ms since the epoch. */
  readonly until: number;
}

async function renew(renewal: Renewal): Promise<string> {
  const credentials = await readCredentials(renewal);
  const standing = goodToken(credentials, renewal);
  if (standing !== undefined) return standing;
  try {
    return await refresh(credentials, renewal);
  } catch (error) {
    if (!(error instanceof CredentialError)) throw error;
    // A person may have authorised anew meanwhile, or a function whose lock had expired has renewed it.
    const changed = await readCredentials(renewal);
    if (changed.refreshToken === credentials.refreshToken) throw error;
    return goodToken(changed, renewal) ?? (await refresh(changed, renewal));
  }
}

/** Undefined unless there is a token that is good for a while and was not `refused`. */
function goodToken(
  { accessToken, expiresAt = "" }: Credentials,
  { clock, refused }: Pick<Renewal, "clock" | "refused">,
): string | undefined {
  const isGood = accessToken !== refused && Date.parse(expiresAt) - marginMs > clock.now();
  return isGood ? accessToken : undefined;
}

async function refresh(credentials: Credentials, renewal: Renewal): Promise<string> {
  const { signal, clock, deadline } = renewal;
  // A refresh token that is answered and not stored is lost.
  using grace = graceAfter(signal, { clock, deadline });
  const askedAt = clock.now();
  const answer = await ask(credentials, renewal, grace.signal);
  const { access_token: accessToken, refresh_token: refreshToken = credentials.refreshToken } = answer;
  const expiresAt = new Date(askedAt + answer.expires_in * 1_000).toISOString();
  await store({ ...credentials, refreshToken, accessToken, expiresAt }, renewal, grace.signal);
  return accessToken;
}

async function store(
  credentials: Credentials,
  { secret, writeSecret, clock }: Renewal,
  grace: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await writeSecret(secret, credentials);
    } catch (error) {
      if (error instanceof CredentialError || attempt === writes.attempts) throw error;
    }
    await clock.wait(writes.waitMs, grace);
  }
}

function ask(credentials: Credentials, renewal: Renewal, grace: AbortSignal): Promise<TokenAnswer> {
  const { http, tokenUrl, secret, pace, signal, until, deadline = until } = renewal;
  const { refreshToken } = credentials;
  const { headers, body } = tokenRequest(credentials, {
    grant_type: "refresh_token",
    refresh_token: refreshToken,
  });
  return http.request({
    endpoint,
    method: "POST",
    url: tokenUrl,
    headers: async () => {
      signal.throwIfAborted();
      await pace.turn(signal);
      return headers;
    },
    body,
    signal: grace,
    deadline: Math.min(deadline, until),
    throttled: (fault) => {
      pace.pause();
      return fault;
    },
    read: (response) => readJson(response, tokenSchema),
    refused: (status, answer) => tokenRefusalOf(endpoint, { status, body: answer, secret }),
  });
}

async function readCredentials({
  secret,
  readSecret,
}: Pick<TokenOptions, "secret" | "readSecret">): Promise<Credentials> {
  const { data } = credentialsSchema.safeParse(await readSecret(secret));
  if (data === undefined) throw new CredentialError(secret, `its value is not ${credentialsExample}`);
  return data;
}
