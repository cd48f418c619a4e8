import type { Answer } from "../answer.ts";
import type { Call } from "../call.ts";
import { matchTemplate } from "../route.ts";
import type { Account } from "./account.ts";
import { accountRoute } from "./account-route.ts";
import { activityRoutes } from "./activity-routes.ts";
import { authorizeRoute } from "./authorize-route.ts";
import type { ConstantContactRoute } from "./constant-contact-route.ts";
import { contactRoutes } from "./contact-routes.ts";
import { contactWriteRoutes } from "./contact-write-routes.ts";
import { customFieldRoutes } from "./custom-field-routes.ts";
import { errorAnswer, gatewayAnswer } from "./error-answer.ts";
import { importRoutes } from "./import-routes.ts";
import { listRoutes } from "./list-routes.ts";
import { membershipRoutes } from "./membership-routes.ts";
import { numberedId } from "./numbered-id.ts";
import { readerRoutes } from "./reader-routes.ts";
import { tokenRoute } from "./token-route.ts";

const apiRoutes: readonly ConstantContactRoute[] = [
  ...readerRoutes,
  ...contactRoutes,
  ...contactWriteRoutes,
  ...listRoutes,
  ...customFieldRoutes,
  ...importRoutes,
  ...membershipRoutes,
  ...activityRoutes,
  accountRoute,
];
const signInRoutes: readonly ConstantContactRoute[] = [authorizeRoute, tokenRoute];

export const routes: readonly ConstantContactRoute[] = [...apiRoutes, ...signInRoutes];

/** Answers a call as the provider does. */
export function answerCall(call: Call, account: Account): Answer {
  account.settle();
  const isSignIn = signInRoutes.some(({ template }) => template === call.path);
  const answer = isSignIn ? answerRoute({ routes: signInRoutes }, call, account) : answerApi(call, account);
  const tracking = numberedId("request", account.nextRequest());
  const own = {
    date: account.now().toUTCString(),
    "x-eig-tracking-id": tracking,
    "x-amzn-requestid": tracking,
  };
  return { ...answer, headers: { ...own, ...answer.headers } };
}

/** The gateway before the API knows tokens and quotas. */
function answerApi(call: Call, account: Account): Answer {
  const token = /^Bearer (.+)$/i.exec(call.headers.authorization ?? "")?.[1];
  if (token === undefined) return unauthorized(account.options.missingTokenStatus);
  const scopes = account.tokens.scopesOf(token, account.now());
  if (!scopes) return unauthorized(401);
  return refuseBeyondQuota(account) ?? answerRoute({ routes: apiRoutes, scopes }, call, account);
}

function refuseBeyondQuota({ quota, options }: Account): Answer | undefined {
  const time = options.now();
  const exceeded = quota.spend(time);
  if (exceeded === undefined) return undefined;
  const seconds = exceeded === "second" ? 1 : Math.ceil(86_400 - ((time.getTime() / 1_000) % 86_400));
  const answer =
    exceeded === "day"
      ? gatewayAnswer(429, "quota_exceeded", "Limit Exceeded")
      : gatewayAnswer(429, "throttled", "Too Many Requests");
  return options.sendsRetryAfter ? { ...answer, headers: { "retry-after": String(seconds) } } : answer;
}

function answerRoute(
  {
    routes,
    scopes,
  }: { readonly routes: readonly ConstantContactRoute[]; readonly scopes?: readonly string[] },
  call: Call,
  account: Account,
): Answer {
  const known = routes.filter(({ template }) => matchTemplate(template, call.path));
  const route = known.find(({ method }) => method === call.method);
  if (known.length === 0) return errorAnswer(404, "There is no such resource");
  if (!route) return errorAnswer(405, "The resource has no such method");
  if (scopes && !scopes.includes(route.scope ?? "contact_data")) return unauthorized(403);
  const isJson = call.headers["content-type"]?.startsWith("application/json") === true;
  if (scopes && call.text !== "" && !route.takesForm && !isJson) {
    return errorAnswer(415, "Content-Type must be application/json");
  }
  return route.answer({ ...call, values: matchTemplate(route.template, call.path)! }, account);
}

const unauthorized = (status: number): Answer => gatewayAnswer(status, "unauthorized", "Unauthorized");
