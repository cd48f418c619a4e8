import * as z from "zod";
import { type Answer, jsonAnswer } from "../answer.ts";
import type { RoutedCall } from "../route.ts";
import type { Account } from "./account.ts";
import type { Activity } from "./activities.ts";
import type { Work } from "./activity.ts";
import { terminalStates } from "./activity.ts";
import { pageAnswer, readPageRequest } from "./collection.ts";
import type { ConstantContactRoute } from "./constant-contact-route.ts";
import { showTimes } from "./contact-answer.ts";
import type { Dialect } from "./dialect.ts";
import { errorAnswer, gatewayAnswer } from "./error-answer.ts";
import { describeError, limitUpTo } from "./parameters.ts";
import { wholeSecond } from "./whole-second.ts";

const querySchema = z.object({
  limit: limitUpTo(500),
  state: z.enum(["processing", ...terminalStates]).optional(),
});

export const activityRoutes: ConstantContactRoute[] = [
  { method: "GET", template: "/activities", answer: showPage },
  { method: "GET", template: "/activities/ACTIVITY_ID", answer: showOne },
];

/** @returns an answer if too many activities are queued */
export function startActivity({ activities, options }: Account, work: Work): Activity | Answer {
  if (activities.queued < options.queuedActivities) return activities.start(work, options.now());
  const message = "Too many activities are queued for this account";
  if (options.fullQueueShape === "array") return errorAnswer(429, message);
  return gatewayAnswer(429, "contacts.api.too_many_requests", message);
}

/** Answers that an activity has been accepted. */
export function startedAnswer(account: Account, work: Work): Answer {
  const started = startActivity(account, work);
  return "status" in started
    ? started
    : jsonAnswer(showActivity(started, account.options), account.options.acceptedStatus);
}

export function showActivity(activity: Activity, dialect: Dialect): object {
  const { id, state, percentDone, createdAt, endedAt, sourceFileName, result } = activity;
  const isStarted = state !== "initialized";
  const updatedAt = endedAt ?? createdAt;
  const shown = {
    activity_id: id,
    state,
    created_at: wholeSecond(createdAt),
    updated_at: wholeSecond(updatedAt),
    ...(isStarted && { started_at: wholeSecond(createdAt) }),
    ...(state === "completed" && { completed_at: wholeSecond(updatedAt) }),
    percent_done: percentDone,
    activity_errors:
      dialect.activityErrors === "texts" ? result.errors : result.errors.map((message) => ({ message })),
    status: result.status,
    ...(sourceFileName !== undefined && { source_file_name: sourceFileName }),
  };
  return { ...showTimes(shown, dialect), _links: { self: { href: `/v3/activities/${id}` } } };
}

function showOne({ values }: RoutedCall, { activities, options }: Account): Answer {
  const id = values["ACTIVITY_ID"]!;
  activities.poll([id], options.now());
  const activity = activities.values(options.now()).find((known) => known.id === id);
  return activity ? jsonAnswer(showActivity(activity, options)) : errorAnswer(404, "activity_id not found");
}

/** Newest first. Every activity of a page links to the first one: a known fault of the provider. */
function showPage(call: RoutedCall, account: Account): Answer {
  const request = readPageRequest(call, account);
  if ("status" in request) return request;
  const { parameters, next } = request;
  const { data, error } = querySchema.safeParse(parameters);
  if (error) return errorAnswer(400, describeError(error));
  const { activities, options } = account;
  const ids = activities.values(options.now()).map(({ id }) => id);
  activities.poll(ids, options.now());
  const all = activities.values(options.now()).filter(({ state }) => !data.state || state === data.state);
  const start = next === undefined ? 0 : all.findIndex(({ id }) => id === next) + 1;
  const shown = all.slice(start, start + data.limit);
  const last = start + shown.length < all.length ? shown.at(-1)?.id : undefined;
  const _links = { self: { href: `/v3/activities/${shown[0]?.id}` } };
  const page = { activities: shown.map((activity) => ({ ...showActivity(activity, options), _links })) };
  return pageAnswer(page, { path: "/activities", parameters, next: last }, account);
}
