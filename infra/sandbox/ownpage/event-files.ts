import { seededRandom } from "../seeded-random.ts";
import type { EventFileFlaw } from "./event-file-flaws.ts";
import { syntheticEmail } from "./synthetic-subscriber.ts";

const eventColumns = {
  nl_click: "date,email,campaign_id,newsletter_id,email_list_id,target_id,target_url,target_position",
  nl_display: "date,email,campaign_id,newsletter_id,email_list_id",
  nl_send: "date,email,campaign_id,newsletter_id,email_list_id,active",
  nl_subscribe: "date,email,email_list_id",
  nl_unsubscribe: "date,email,cause,email_list_id",
  nl_bounce: "date,email,campaign_id,newsletter_id,email_list_id,type,message",
  nl_complaint: "date,email,campaign_id,newsletter_id,email_list_id,type",
};

/** What the event files contain. Mutable: tests change it between two fetches. */
export interface EventSettings {
  /** False if the account has not bought events: every file then answers 403. @default true */
  premium: boolean;
  /** @default 20 */
  rowsPerDay: number;
  /** How many rows are missing from the first fetch of a file, and only there in later ones. @default 0 */
  lateRows: number;
  /** How many rows the provider erases after the first fetch of a file. @default 0 */
  erasedRows: number;
  /** What is wrong with the files, by event. @default nothing */
  flaws: Record<string, EventFileFlaw | undefined>;
  /** @default "ownpage" */
  seed: string;
  /** In which a day begins and ends. @default "Europe/Paris" */
  timeZone: string;
  /**
   * Each event's header; an unknown name makes an empty column.
   * @default as in the current reference, with nl_send's `active`
   */
  columns: Record<string, string>;
}

type EventFileAnswer = { readonly csv: string } | { readonly missing: "event" | "day" };

/** The daily files of events: the same rows for the same seed, however many of them. */
export class EventFiles {
  readonly settings: EventSettings;
  readonly #listIds: number[];
  readonly #now: () => Date;
  readonly #fetched = new Set<string>();

  constructor({
    listIds,
    events,
    now,
  }: { readonly listIds: number[]; readonly events: Partial<EventSettings>; readonly now: () => Date }) {
    const defaults = {
      premium: true,
      rowsPerDay: 20,
      lateRows: 0,
      erasedRows: 0,
      seed: "ownpage",
      timeZone: "Europe/Paris",
    };
    this.settings = { ...defaults, columns: { ...eventColumns }, flaws: {}, ...events };
    this.#listIds = listIds;
    this.#now = now;
  }

  /** A day's file, once the day is over. */
  fetch(event: string, day: string): EventFileAnswer {
    const { columns, timeZone, rowsPerDay, lateRows, erasedRows } = this.settings;
    if (!Object.hasOwn(columns, event)) return { missing: "event" };
    if (day >= this.#now().toLocaleDateString("sv-SE", { timeZone })) return { missing: "day" };
    const isFirst = !this.#fetched.has(`${event}/${day}`);
    this.#fetched.add(`${event}/${day}`);
    const count = rowsPerDay + (isFirst ? 0 : lateRows - erasedRows);
    const rows = Array.from({ length: count }, (_, index) => this.#row(event, day, index));
    return { csv: [columns[event], ...rows, ""].join("\n") };
  }

  #row(event: string, day: string, index: number): string {
    const random = seededRandom(`${this.settings.seed}/${event}/${day}/${index}`);
    const columns = this.settings.columns[event]!.split(",");
    return columns.map((column) => quote(this.#value(event, column, { day, random }))).join(",");
  }

  #value(
    event: string,
    column: string,
    { day, random }: { readonly day: string; readonly random: () => number },
  ): string {
    const upTo = (limit: number) => Math.floor(random() * limit);
    const oneOf = (choices: readonly string[]) => choices[upTo(choices.length)]!;
    switch (column) {
      case "date":
        return `${day} ${new Date(upTo(86_400) * 1_000).toISOString().slice(11, 19)}`;
      case "email":
        return syntheticEmail(upTo(100_000));
      case "campaign_id":
        return `${70 + upTo(30)}`;
      case "newsletter_id":
        return `${6_000 + upTo(900)}`;
      case "email_list_id":
        return `${this.#listIds[upTo(this.#listIds.length)] ?? ""}`;
      case "target_id":
        return `${5_000_000 + upTo(200_000)}`;
      case "target_position":
        return `${1 + upTo(20)}`;
      default:
        return oneOf(choices[`${event}.${column}`] ?? [""]);
    }
  }
}

/** Free text with commas, quotes and line breaks, as in real files. */
const choices: Record<string, readonly string[]> = {
  "nl_send.active": ["true", "false"],
  "nl_unsubscribe.cause": ["READER", "PUBLISHER", "HARD_BOUNCE", "MULTIPLE_BOUNCES"],
  "nl_bounce.type": ["hard", "soft"],
  "nl_complaint.type": ["abuse", "fraud"],
  "nl_click.target_url": [
    "https://www.example.fr/",
    "https://www.example.fr/été?a=1,2",
    'https://www.example.fr/search?q="maire"',
    "https://www.example.fr/article-1.html",
  ],
  "nl_bounce.message": [
    "550 5.1.1 User unknown",
    "452 4.2.2 Mailbox full, try again later",
    '550 "no such user"',
    "554 5.7.1 Refused:\r\nsee https://example.org/why",
  ],
};

const quote = (value: string): string =>
  /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
