import type { Answer } from "../answer.ts";
import type { Call } from "../call.ts";
import { matchTemplate } from "../route.ts";
import type { Account } from "./account.ts";
import { errorAnswer } from "./error-answer.ts";
import { fileRoutes } from "./file-routes.ts";
import { listRoutes } from "./list-routes.ts";
import { optInRoute } from "./opt-in-route.ts";
import type { OwnpageRoute } from "./ownpage-route.ts";
import { tokenRoutes } from "./token-routes.ts";

export const routes: readonly OwnpageRoute[] = [...tokenRoutes, ...listRoutes, ...fileRoutes, optInRoute];

/** Answers a call as the provider does. */
export async function answerCall(call: Call, account: Account): Promise<Answer> {
  const known = routes.filter(({ template }) => matchTemplate(template, call.path));
  const route = known.find(({ method }) => method === call.method);
  if (known.length === 0) return errorAnswer(404, "Not found");
  if (!route) return errorAnswer(405, "Method not allowed");
  const token = call.headers["x-ownpage-client-token"];
  if (!route.isOpen && !account.tokens.accepts(token?.toString())) return errorAnswer(401, "Unauthorized");
  return route.answer({ ...call, values: matchTemplate(route.template, call.path)! }, account);
}
