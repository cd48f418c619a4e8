import { type Answer, jsonAnswer } from "../answer.ts";
import type { RoutedCall } from "../route.ts";
import type { Account } from "./account.ts";
import type { ConstantContactRoute } from "./constant-contact-route.ts";
import type { Grant } from "./tokens.ts";

/** Where codes and refresh tokens are exchanged. Parameters are taken from the body as from the query. */
export const tokenRoute: ConstantContactRoute = {
  method: "POST",
  template: "/oauth2/default/v1/token",
  answer: exchange,
};

type Parameters = Readonly<Record<string, string | undefined>>;

function exchange(call: RoutedCall, account: Account): Answer {
  const { options, tokenLimit } = account;
  if (!tokenLimit.admits(options.now())) return tokenError(429, "too_many_requests", "Too many requests");
  const given = { ...call.query, ...Object.fromEntries(new URLSearchParams(call.text)) };
  if (!isKnownClient(call, given, account))
    return tokenError(401, "invalid_client", "The client is not known");
  switch (given["grant_type"]) {
    case "authorization_code":
      return exchangeCode(given, account);
    case "refresh_token":
      return refresh(given, account);
    case undefined:
      return tokenError(400, "invalid_request", "The grant type is missing");
    default:
      return tokenError(400, "unsupported_grant_type", "The grant type is not supported");
  }
}

/** A confidential client proves itself by its secret; a public one has none, and its code needs a verifier. */
function isKnownClient({ headers }: RoutedCall, given: Parameters, { options }: Account): boolean {
  const { clientId, clientSecret } = options.credentials;
  const basic = /^Basic (.+)$/i.exec(headers.authorization ?? "")?.[1];
  if (options.client === "public") return basic === undefined && given["client_id"] === clientId;
  return Buffer.from(basic ?? "", "base64").toString() === `${clientId}:${clientSecret}`;
}

function exchangeCode(given: Parameters, { authorizations, tokens, options }: Account): Answer {
  const { code = "", redirect_uri: redirectUri = "", code_verifier: verifier } = given;
  const consented = authorizations.exchange({ code, redirectUri, verifier }, options.now());
  if (!consented)
    return tokenError(400, "invalid_grant", "The authorization code is invalid or has expired.");
  const seconds = options.accessTokenSeconds;
  return tokenAnswer(tokens.grant(consented.scopes, options.now()), seconds);
}

/** The life of the token is a text here, and a number when a code is exchanged, as in the provider's examples. */
function refresh({ refresh_token = "" }: Parameters, { tokens, options }: Account): Answer {
  const grant = tokens.refresh(refresh_token, options.now());
  if (!grant) return tokenError(400, "invalid_grant", "The refresh token is invalid or expired.");
  return tokenAnswer(grant, String(options.accessTokenSeconds));
}

function tokenAnswer({ accessToken, refreshToken, scopes }: Grant, expiresIn: number | string): Answer {
  return jsonAnswer({
    token_type: "Bearer",
    expires_in: expiresIn,
    access_token: accessToken,
    refresh_token: refreshToken,
    scope: scopes.join(" "),
  });
}

function tokenError(status: number, error: string, description: string): Answer {
  return jsonAnswer({ error, error_description: description }, status);
}
