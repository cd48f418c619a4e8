import { eventColumns } from "../../functions/providers/event-columns.ts";
import type { EventFile } from "../../functions/providers/event-files.ts";

export const timeZone = "Europe/Paris";

/** The provider's file of a day at first and in the end: it only grows. */
export type Version = "first" | "last";
export const versions = ["first", "last"] as const;

const days = ["2026-03-08", "2026-03-09"] as const;
const events = ["nl_subscribe", "nl_bounce"] as const;

/** The files that a run is asked for. */
export const asked: readonly EventFile[] = days.flatMap((date) => events.map((event) => ({ event, date })));

/** Every file grows but the bounces of 8 March. */
function rowsOf({ event, date }: EventFile, version: Version): string[][] {
  const grows = event === "nl_subscribe" || date === "2026-03-09";
  const count = version === "last" && grows ? 4 : 2;
  return Array.from({ length: count }, (_, n) =>
    eventColumns[event].map((column) => cellOf(column, `${date} ${n}`)),
  );
}

function cellOf(column: string, of: string): string {
  if (column === "email") return `reader.${of.at(-1)}@example.fr`;
  return column === "message" ? `550 \\ ${of}` : `${column} ${of}`;
}

/** The file as the provider has it. The subscriptions of 8 March have their columns in reverse order. */
export function csvOf(file: EventFile, version: Version): string {
  const isReversed = file.event === "nl_subscribe" && file.date === "2026-03-08";
  const lines = [[...eventColumns[file.event]], ...rowsOf(file, version)];
  return lines.map((values) => `${(isReversed ? values.toReversed() : values).join()}\n`).join("");
}

/** The same rows as Athena reads them. */
export function copyOf(file: EventFile, version: Version): string {
  const readable = (value: string) => (value.includes("\\") ? `"${value.replaceAll("\\", "\\\\")}"` : value);
  const lines = [[...eventColumns[file.event]], ...rowsOf(file, version)];
  return lines.map((values) => `${values.map(readable).join()}\n`).join("");
}
