import type { Credentials } from "./constant-contact-configuration.ts";

/**
 * A request of the token endpoint. Its parameters are in the body, and so in no access log. An application with a secret
 * proves itself by it; another one only names itself.
 */
export function tokenRequest(
  { clientId, clientSecret }: Pick<Credentials, "clientId" | "clientSecret">,
  parameters: Readonly<Record<string, string>>,
): { readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  const headers = { "content-type": "application/x-www-form-urlencoded", accept: "application/json" };
  if (clientSecret === undefined) {
    return { headers, body: new URLSearchParams({ ...parameters, client_id: clientId }).toString() };
  }
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString("base64");
  return {
    headers: { ...headers, authorization: `Basic ${basic}` },
    body: new URLSearchParams(parameters).toString(),
  };
}
