import type { EventSettings } from "./event-files.ts";
import type { ListSetup } from "./subscriber-list.ts";

/** The possible readings of ambiguous documentation: a client must work with any of them. */
export interface Dialect {
  /** Which forms of the token call exist. @default "both" */
  readonly tokenForms: "both" | "post" | "get";
  /** After how many calls a token expires. @default Infinity */
  readonly tokenCalls: number;
  /** The answer to bad credentials. @default 401 */
  readonly badCredentialsStatus: 401 | 400;
  /** "message": shape 1, with the number of every bad line; "cause": shape 2, with one bad address. @default "message" */
  readonly errorShape: "message" | "cause";
  /**
   * What becomes of a request with bad rows. "refused": it is answered with 400, and nothing is applied. "reported": it is
   * accepted, its report names the bad rows as texts, and the others are applied. "reported as objects": likewise.
   * "reported, but applied": the bad rows are applied, too.
   * @default "refused"
   */
  readonly badRows: "refused" | "reported" | "reported as objects" | "reported, but applied";
  /** Whether rows are read with their data_*. @default true */
  readonly returnsData: boolean;
  /**
   * Whether rows have nothing but email, guid, subscribed, subscribed_at and, after an opt-out, its date and cause.
   * "bare": only the first four.
   * @default false
   */
  readonly minimalRows: boolean | "bare";
  /** How a field without a value is represented. @default "omitted" */
  readonly absentFields: "omitted" | "null";
  /** By how much the count of the subscribed differs from the rows that are listed. @default 0 */
  readonly countDifference: number;
  /** Whether a row without a guid resets that of a known address to md5(email). @default false */
  readonly resetsGuid: boolean;
  /** Whose rows are listed without their address, as on a reader's request. @default nobody's */
  readonly isAnonymous: (email: string) => boolean;
  /** Which addresses the provider accepts. @default something@domain.tld, without spaces */
  readonly acceptsEmail: (email: string) => boolean;
}

export interface SandboxOptions extends Partial<Dialect> {
  /** @default 0: any free one */
  readonly port?: number;
  /** @default { client: "demo", apiKey: "demo-key" } */
  readonly credentials?: { readonly client: string; readonly apiKey: string };
  /** @default list 123, "Daily", and an empty legacy list */
  readonly lists?: readonly ListSetup[];
  /** How long to wait before each request is handled; requests wait in parallel. @default 0 */
  readonly delayMs?: number;
  /** How long to wait between the answer to an import and the import itself. @default 0 */
  readonly importDelayMs?: number;
  readonly now?: () => Date;
  readonly events?: Partial<EventSettings>;
  /** @default { trackingKey: "tracking-key", formKey: "form-key", listId: the first list's } */
  readonly optIn?: { readonly trackingKey: string; readonly formKey: string; readonly listId?: number };
  /** Whether the log of requests keeps their bodies and rows: too much for a million rows. @default true */
  readonly keepBodies?: boolean;
}

const isPlausibleEmail = (email: string): boolean => /^[^\s@,;<>()"]+@[^\s@.]+(\.[^\s@.]+)+$/u.test(email);

export const defaultOptions = {
  tokenForms: "both",
  tokenCalls: Number.POSITIVE_INFINITY,
  badCredentialsStatus: 401,
  errorShape: "message",
  badRows: "refused",
  returnsData: true,
  minimalRows: false,
  absentFields: "omitted",
  countDifference: 0,
  resetsGuid: false,
  isAnonymous: () => false,
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
