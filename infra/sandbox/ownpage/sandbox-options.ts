import type { EventSettings } from "./event-files.ts";
import type { ListSetup } from "./subscriber-list.ts";

/** The readings of an ambiguous documentation: a client must work with any of them. */
export interface Dialect {
  /** Which forms of the token call exist. @default "both" */
  tokenForms: "both" | "post" | "get";
  /** Calls a token is good for before it has expired. @default Infinity */
  tokenCalls: number;
  /** What bad credentials get. @default 401 */
  badCredentialsStatus: 401 | 400;
  /** "message": shape 1, every bad line's number; "cause": shape 2, one bad address. @default "message" */
  errorShape: "message" | "cause";
  /** Whether rows show their data_* when read. @default true */
  returnsData: boolean;
  /**
   * Rows show email, guid, subscribed, subscribed_at, and of an opt-out its date and cause.
   * "bare": the first four only.
   * @default false
   */
  minimalRows: boolean | "bare";
  /** How a field without a value is shown. @default "omitted" */
  absentFields: "omitted" | "null";
  /** By how much the count of subscribed differs from the rows that are listed. @default 0 */
  countsOtherwise: number;
  /** A row without a guid sets a known address back to md5(email); else its guid stays. @default false */
  resetsGuid: boolean;
  /** Which addresses the provider takes. @default something@domain.tld, without spaces */
  acceptsEmail: (email: string) => boolean;
}

export interface SandboxOptions extends Partial<Dialect> {
  /** @default 0: one that is free */
  port?: number;
  /** @default { client: "demo", apiKey: "demo-key" } */
  credentials?: { client: string; apiKey: string };
  /** @default list 123, "Daily", and an empty legacy list */
  lists?: ListSetup[];
  /** Waited before each request is handled; requests wait in parallel. @default 0 */
  delayMs?: number;
  /** Waited between the answer to an import and the import. @default 0 */
  importDelayMs?: number;
  now?: () => Date;
  events?: Partial<EventSettings>;
  /** @default { trackingKey: "tracking-key", formKey: "form-key", listId: the first list's } */
  optIn?: { trackingKey: string; formKey: string; listId?: number };
  /** Whether the log of requests keeps their bodies and rows: not for a million of them. @default true */
  keepBodies?: boolean;
}

const isPlausibleEmail = (email: string): boolean => /^[^\s@,;<>()"]+@[^\s@.]+(\.[^\s@.]+)+$/u.test(email);

export const defaultOptions = {
  tokenForms: "both",
  tokenCalls: Number.POSITIVE_INFINITY,
  badCredentialsStatus: 401,
  errorShape: "message",
  returnsData: true,
  minimalRows: false,
  absentFields: "omitted",
  countsOtherwise: 0,
  resetsGuid: false,
  acceptsEmail: isPlausibleEmail,
  port: 0,
  credentials: { client: "demo", apiKey: "demo-key" },
  lists: [{ id: 123, name: "Daily" }],
  delayMs: 0,
  importDelayMs: 0,
  now: () => new Date(),
  events: {},
  optIn: { trackingKey: "tracking-key", formKey: "form-key" },
  keepBodies: true,
} as const satisfies Required<SandboxOptions>;
