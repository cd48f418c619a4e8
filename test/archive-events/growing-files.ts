import { eventColumns } from "../../functions/providers/event-columns.ts";
import type { EventFile } from "../../functions/providers/event-files.ts";

export const timeZone = "Europe/Paris";

/** The provider's file of a day at first and in the end: it only grows. */
export type Version = "first" | "last";
export const versions = ["first", "last"] as const;

const days = ["2026-03-08", "2026-03-09"] as const;
export const events = ["nl_subscribe", "nl_bounce", "nl_complaint"] as const;

/** The files that a run is asked for. */
export const asked: readonly EventFile[] = days.flatMap((date) => events.map((event) => ({ event, date })));

/** The bounces of 8 March never grow, and nobody complained that day. */
function countOf({ event, date }: EventFile, version: Version): number {
  if (event === "nl_complaint") return version === "last" && date === "2026-03-09" ? 2 : 0;
  const grows = event === "nl_subscribe" || date === "2026-03-09";
  return version === "last" && grows ? 4 : 2;
}

function rowsOf(file: EventFile, version: Version): string[][] {
  return Array.from({ length: countOf(file, version) }, (_, n) =>
    eventColumns[file.event].map((column) => cellOf(column, file.date, n)),
  );
}

function cellOf(column: string, date: string, n: number): string {
  if (column === "date") return `${date} 10:00:0${n}`;
  if (column === "email") return `reader.${n}@example.fr`;
  return column === "message" ? `550 \\ ${date} ${n}` : `${column} ${date} ${n}`;
}

/**
 * The file as the provider has it. The subscriptions of 8 March have their columns in reverse order; the complaints of 9
 * March are at first nothing at all, and then spell their header in their own way.
 */
export function csvOf(file: EventFile, version: Version): string {
  const isReversed = file.event === "nl_subscribe" && file.date === "2026-03-08";
  const isOdd = file.event === "nl_complaint" && file.date === "2026-03-09";
  const rows = rowsOf(file, version);
  if (isOdd && rows.length === 0) return "";
  const names = eventColumns[file.event].map((name) => (isOdd ? ` ${name.toUpperCase()}` : name));
  return [names, ...rows].map((values) => `${(isReversed ? values.toReversed() : values).join()}\n`).join("");
}

/** The same rows as Athena reads them. */
export function copyOf(file: EventFile, version: Version): string {
  if (csvOf(file, version) === "") return "";
  const readable = (value: string) => (value.includes("\\") ? `"${value.replaceAll("\\", "\\\\")}"` : value);
  const lines = [[...eventColumns[file.event]], ...rowsOf(file, version)];
  return lines.map((values) => `${values.map(readable).join()}\n`).join("");
}

/** Bodies that arrive as they were stated, and yet are not the whole file of their day. */
export const flaws = {
  "that is cut inside its last address": (csv: string) =>
    csv.slice(0, csv.includes("@") ? csv.lastIndexOf("@") : -15),
  "that ends in a program's last words": (csv: string) =>
    `${csv}<br />\n<b>Fatal error</b>: Allowed memory size of 134217728 bytes exhausted\n`,
  "that has its rows twice": (csv: string) => `${csv}${csv}`,
  "of another day": (csv: string) => csv.replaceAll("2026-03-0", "2026-02-0"),
  "that is an error in JSON": () => '{"status":500,"cause":"reader.1@example.fr"}',
} as const;
export type Flaw = keyof typeof flaws;
