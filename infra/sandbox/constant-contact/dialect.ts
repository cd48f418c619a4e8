import type { UndecidedMove } from "./contact-changes.ts";

/**
 * The possible readings of what the documentation leaves open, or says in two ways: a client must work with any of them.
 * The defaults are what was seen in recorded answers; where nothing was seen, what is hardest for a client.
 */
export interface Dialect {
  /** Whether the application has a secret, or proves each code by a verifier; its owner chooses. @default "confidential" */
  readonly client: "confidential" | "public";
  /**
   * Whether a refresh answers with a new refresh token, the same one, or none; the application's owner chooses.
   * @default "rotating"
   */
  readonly refreshTokens: "rotating" | "the same" | "none";
  /** What becomes of a client that uses a spent refresh token. @default "refused" */
  readonly spentRefreshToken: "refused" | "everything is revoked";
  /** How long an access token lives. @default 86_400; also seen: 28_800 */
  readonly accessTokenSeconds: number;
  /** The answer to a call without an access token. @default 401 */
  readonly missingTokenStatus: 401 | 403;
  /** Whether an answer with 429 says when to come back. @default false */
  readonly sendsRetryAfter: boolean;
  /** The shape of the answer if too many activities are queued. @default "array" */
  readonly fullQueueShape: "array" | "object";
  /** The status with which an activity is accepted; others were seen behind a proxy. @default 201 */
  readonly acceptedStatus: 201 | 200 | 202;
  /** Whose contacts are listed if no status is asked for. @default "not deleted" */
  readonly defaultStatuses: "not deleted" | "active";
  /** Whether a window has the contacts that changed exactly at its bounds. @default "exclusive" */
  readonly bounds: "exclusive" | "inclusive";
  /** What moves a contact's `updated_at`, beside a change of its fields. @default nothing */
  readonly updatedAtMovesWith: readonly UndecidedMove[];
  /** When `optout_after` and `optout_before` filter. @default "with any status" */
  readonly optOutWindow: "with any status" | "with status=unsubscribed" | "never";
  /** Whether who opts out of everything stays on the lists. @default true */
  readonly optOutKeepsLists: boolean;
  /** The order of contacts in a collection. @default "newest first" */
  readonly order: "newest first" | "oldest first" | "last updated first";
  /** What a cursor holds: the number of the page, so that rows shift when others change; or the last contact. @default "page" */
  readonly cursors: "page" | "contact";
  /** How long a cursor lives. @default Infinity */
  readonly cursorSeconds: number;
  /** How the last page says that it is the last. @default "no links" */
  readonly lastPage: "no links" | "empty links";
  /** How times are written. @default "in UTC" */
  readonly times: "in UTC" | "with milliseconds" | "with an offset";
  /** How a contact's `deleted_at` is written. @default "date" */
  readonly deletedAt: "date" | "time";
  /** What becomes of a parameter that does not exist. @default "ignored" */
  readonly unknownParameters: "ignored" | "refused";
  /** How long collections of contacts do not show a change. @default 0 */
  readonly indexLagMs: number;
  /** The largest page of lists. @default 1_000; the text says 500 */
  readonly maxListLimit: number;
  /** Whether the errors of an activity are texts or objects with a message. @default "texts" */
  readonly activityErrors: "texts" | "objects";
  /** What an import does with a contact who opted out of everything. @default "not added" */
  readonly importOfOptedOut: "not added" | "added" | "resubscribed";
  /** Whether an import changes the fields of a contact who opted out of everything. @default true */
  readonly importUpdatesOptedOut: boolean;
  /** What an import does with a contact who left the list. @default "added" */
  readonly importOfLeaver: "added" | "not added";
  /** What an import does with a deleted contact. @default "revived" */
  readonly importOfDeleted: "revived" | "left deleted" | "a second contact";
  /** What an import does with a contact on hold, unconfirmed or without a permission. @default "added" */
  readonly importOfUndecided: "added" | "not added";
  /** What an empty text in an import does to a field. @default "nothing" */
  readonly emptyImportValues: "nothing" | "clear";
  /** Whether a bad row is reported when the others are imported, or the request is answered with 400. @default "reported" */
  readonly badImportRows: "reported" | "refused";
  /** What an import does with a custom field that does not exist. @default "ignored" */
  readonly unknownCustomFields: "ignored" | "an error";
  /** Whether `person_count` has bad rows as well. @default "all rows" */
  readonly personCount: "all rows" | "good rows";
  /** Whether adding to a list leaves out who opted out of everything. @default true */
  readonly addingLeavesOutOptedOut: boolean;
  /** Whether a second confirmation mail to the same contact is answered with an error. @default true */
  readonly refusesSecondConfirmation: boolean;
}

export const defaultDialect: Dialect = {
  client: "confidential",
  refreshTokens: "rotating",
  spentRefreshToken: "refused",
  accessTokenSeconds: 86_400,
  missingTokenStatus: 401,
  sendsRetryAfter: false,
  fullQueueShape: "array",
  acceptedStatus: 201,
  defaultStatuses: "not deleted",
  bounds: "exclusive",
  updatedAtMovesWith: [],
  optOutWindow: "with any status",
  optOutKeepsLists: true,
  order: "newest first",
  cursors: "page",
  cursorSeconds: Number.POSITIVE_INFINITY,
  lastPage: "no links",
  times: "in UTC",
  deletedAt: "date",
  unknownParameters: "ignored",
  indexLagMs: 0,
  maxListLimit: 1_000,
  activityErrors: "texts",
  importOfOptedOut: "not added",
  importUpdatesOptedOut: true,
  importOfLeaver: "added",
  importOfDeleted: "revived",
  importOfUndecided: "added",
  emptyImportValues: "nothing",
  badImportRows: "reported",
  unknownCustomFields: "ignored",
  personCount: "all rows",
  addingLeavesOutOptedOut: true,
  refusesSecondConfirmation: true,
};
