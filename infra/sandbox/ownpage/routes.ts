import type { Account } from "./account.ts";
import { type Answer, errorAnswer } from "./answer.ts";
import type { Call } from "./call.ts";
import { fileRoutes } from "./file-routes.ts";
import { listRoutes } from "./list-routes.ts";
import { optInRoute } from "./opt-in-route.ts";
import { matchTemplate, type Route } from "./route.ts";
import { tokenRoutes } from "./token-routes.ts";

const routes: Route[] = [...tokenRoutes, ...listRoutes, ...fileRoutes, optInRoute];

/** The template of the call's path as the documentation writes it, or the path when it documents none. */
export const templateOf = ({ path }: Call): string =>
  routes.find(({ template }) => matchTemplate(template, path))?.template ?? path;

/** Answers one call as the provider does. */
export async function answerCall(call: Call, account: Account): Promise<Answer> {
  const known = routes.filter(({ template }) => matchTemplate(template, call.path));
  const route = known.find(({ method }) => method === call.method);
  if (known.length === 0) return errorAnswer(404, "Not found");
  if (!route) return errorAnswer(405, "Method not allowed");
  if (!route.isOpen && !account.tokens.accepts(call.token)) return errorAnswer(401, "Unauthorized");
  return route.answer({ ...call, values: matchTemplate(route.template, call.path)! }, account);
}
