import * as z from "zod";
import { type Answer, jsonAnswer } from "../answer.ts";
import type { Account } from "./account.ts";
import { errorAnswer } from "./error-answer.ts";
import type { OwnpageRoute } from "./ownpage-route.ts";

const credentialsSchema = z.object({ username: z.string(), password: z.string() });

/** The two documented forms of requesting a token. */
export const tokenRoutes: OwnpageRoute[] = [
  {
    method: "POST",
    template: "/token",
    isOpen: true,
    answer: ({ body }, account) =>
      account.options.tokenForms === "get"
        ? errorAnswer(405, "Method not allowed")
        : issueToken(body, account),
  },
  {
    method: "GET",
    template: "/token",
    isOpen: true,
    answer: ({ query }, account) =>
      account.options.tokenForms === "post"
        ? errorAnswer(405, "Method not allowed")
        : issueToken(query, account),
  },
];

function issueToken(given: unknown, { options, tokens }: Account): Answer {
  const { client, apiKey } = options.credentials;
  const { data } = credentialsSchema.safeParse(given);
  if (data?.username === client && data.password === apiKey) return jsonAnswer({ token: tokens.issue() });
  return errorAnswer(options.badCredentialsStatus, "Invalid credentials");
}
