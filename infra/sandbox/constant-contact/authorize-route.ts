import * as z from "zod";
import { type Answer, textAnswer } from "../answer.ts";
import type { RoutedCall } from "../route.ts";
import type { Account } from "./account.ts";
import type { ConstantContactRoute } from "./constant-contact-route.ts";

const querySchema = z.object({
  client_id: z.string(),
  redirect_uri: z.url(),
  response_type: z.literal("code"),
  state: z.string().min(1),
  scope: z.string().default("contact_data"),
  code_challenge: z.string().optional(),
  code_challenge_method: z.literal("S256").optional(),
});

/** The page on which a person consents: here nobody is asked, and the browser goes back at once. */
export const authorizeRoute: ConstantContactRoute = {
  method: "GET",
  template: "/oauth2/default/v1/authorize",
  answer: authorize,
};

function authorize({ query }: RoutedCall, { options, authorizations }: Account): Answer {
  const { data } = querySchema.safeParse(query);
  if (
    data?.client_id !== options.credentials.clientId ||
    !isRegistered(data.redirect_uri, options.redirectUris)
  ) {
    return { ...textAnswer("text/html", "<!doctype html><h1>Bad request</h1>"), status: 400 };
  }
  const { redirect_uri, state, scope, code_challenge } = data;
  const scopes = scope.split(/[ +]/);
  const consented = { redirectUri: redirect_uri, scopes, challenge: code_challenge };
  const result =
    options.consent === "granted"
      ? { code: authorizations.add(consented, options.now()) }
      : { error: "access_denied", error_description: "The person did not consent" };
  const location = new URL(redirect_uri);
  location.search = new URLSearchParams({ ...result, state }).toString();
  return { ...textAnswer("text/html", ""), status: 302, headers: { location: location.href } };
}

function isRegistered(redirectUri: string, registered: readonly string[]): boolean {
  const { hostname } = new URL(redirectUri);
  return registered.length > 0
    ? registered.includes(redirectUri)
    : /^(localhost|127\.0\.0\.1)$/.test(hostname);
}
