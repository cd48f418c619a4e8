import { randomUUID } from "node:crypto";
import { ProviderRefusalError } from "../../domain/provider-errors.ts";
import type { HttpCall } from "../../platform/http/http-call.ts";
import { readJson } from "../../platform/http/http-json.ts";
import { type Activity, activityPageSchema, activitySchema } from "./answers.ts";
import { multipartForm } from "./multipart-form.ts";
import { importRefusalOf, refusalOf } from "./refusal.ts";
import type { Session } from "./session.ts";

/** What may say that there is no such activity, or no longer. */
const forgotten: readonly number[] = [400, 404, 410];

/** A contact of an import: `email`, `first_name` and so on, and `cf:NAME`. Fields that it does not name stay as they are. */
export interface ImportRow {
  readonly email: string;
  readonly [field: string]: string;
}

/**
 * A call that starts an activity is repeated only while it was certainly not accepted. If it throws a
 * ProviderUnavailableError or a ProviderContractError, the activity may have been accepted: `activities` tells.
 */
export interface ActivityCalls {
  /**
   * Adds and changes contacts, of which the provider drops whatever is beyond 4 MB or 40,000 rows without a word.
   *
   * @param rows makes them before each attempt; what it throws is thrown
   */
  importJson(
    rows: () => Promise<readonly ImportRow[]>,
    listIds: readonly string[],
    signal: AbortSignal,
  ): Promise<Activity>;
  /**
   * The same with a CSV in UTF-8, whose header counts as one of the 40,000 rows.
   *
   * @param file its name ends with `.csv`, and is the activity's `fileName`
   */
  importCsv(file: () => Promise<File>, listIds: readonly string[], signal: AbortSignal): Promise<Activity>;
  /** @param contactIds at most 500 */
  removeMemberships(
    contactIds: readonly string[],
    listIds: readonly string[],
    signal: AbortSignal,
  ): Promise<Activity>;
  /** Undefined when the provider does not know it, as ten days later. */
  activity(activityId: string, signal: AbortSignal): Promise<Activity | undefined>;
  /** The newest activities, newest first. @param limit at most 500 */
  activities(limit: number, signal: AbortSignal): Promise<readonly Activity[]>;
}

interface Start {
  /** Below `/activities/`. */
  readonly path: string;
  /** Makes the body for each attempt. */
  readonly body: HttpCall<Activity>["body"];
  /** @default application/json */
  readonly contentType?: string;
  readonly signal: AbortSignal;
}

export function createActivityCalls(session: Session): ActivityCalls {
  return {
    importJson: (rows, listIds, signal) => {
      const body = async () => JSON.stringify({ import_data: await rows(), list_ids: listIds });
      return start(session, { path: "contacts_json_import", body, signal });
    },
    importCsv: (file, listIds, signal) => {
      const boundary = randomUUID();
      const field = { name: "list_ids", value: listIds.join(",") };
      const body = async () => multipartForm(boundary, await file(), field);
      const contentType = `multipart/form-data; boundary=${boundary}`;
      return start(session, { path: "contacts_file_import", body, contentType, signal });
    },
    removeMemberships: (contactIds, listIds, signal) => {
      const body = JSON.stringify({ source: { contact_ids: contactIds }, list_ids: listIds });
      return start(session, { path: "remove_list_memberships", body, signal });
    },
    activity: (activityId, signal) => readActivity(session, activityId, signal),
    activities: (limit, signal) =>
      session.call({
        method: "GET",
        template: "/activities",
        url: session.url("/activities", { limit: String(limit) }),
        signal,
        read: async (response) => (await readJson(response, activityPageSchema)).activities,
      }),
  };
}

async function readActivity(
  session: Session,
  activityId: string,
  signal: AbortSignal,
): Promise<Activity | undefined> {
  try {
    return await session.call({
      method: "GET",
      template: "/activities/{activity}",
      url: session.url(`/activities/${encodeURIComponent(activityId)}`),
      signal,
      read: (response) => readJson(response, activitySchema),
    });
  } catch (error) {
    if (error instanceof ProviderRefusalError && forgotten.includes(error.status)) return undefined;
    throw error;
  }
}

function start(
  session: Session,
  { path, body, contentType = "application/json", signal }: Start,
): Promise<Activity> {
  return session.call({
    method: "POST",
    template: `/activities/${path}`,
    url: session.url(`/activities/${path}`),
    headers: { "content-type": contentType },
    body,
    signal,
    startsActivity: true,
    read: (response) => readJson(response, activitySchema),
    refused: (endpoint, answer) => importRefusalOf(endpoint, answer) ?? refusalOf(endpoint, answer),
  });
}
