import { fc, test } from "@fast-check/vitest";
import { stringify } from "csv-stringify/sync";
import { expect } from "vitest";
import { tableKey } from "../../functions/platform/storage/object-keys.ts";
import { eventColumns } from "../../functions/providers/event-columns.ts";
import { ArchiveWorld } from "./archive-world.ts";

/**
 * Reads a line as Athena's OpenCSVSerde does, which follows opencsv 2.3: within quotes, a quote or backslash after a
 * backslash and a quote after a quote stand for themselves; any other backslash is dropped.
 */
function readLine(line: string): string[] {
  const values = [""];
  const append = (text: string) => values.push(values.pop() + text);
  let isQuoted = false;
  for (let at = 0; at < line.length; at++) {
    const [character, next] = [line[at], line[at + 1]];
    if (character === "\\") {
      if (isQuoted && (next === '"' || next === "\\")) append(line[++at]!);
    } else if (character === '"') {
      if (isQuoted && next === '"') append(line[++at]!);
      else {
        const isWithin = at > 2 && line[at - 1] !== "," && at + 1 < line.length && next !== ",";
        if (isWithin) append('"');
        isQuoted = !isQuoted;
      }
    } else if (character === "," && !isQuoted) values.push("");
    else append(character!);
  }
  return values;
}

function readTable(csv: string): string[][] {
  return csv.split(/\r?\n/).slice(1, -1).map(readLine);
}

const nasty = fc.constantFrom('"', '""', "\\", '\\"', ",", "\n", "\r\n", " ", "a", '\\\\"', "é", "=1", "'");
const message = fc.array(nasty, { maxLength: 6 }).map((parts) => parts.join(""));
const date = "2026-03-09";

test.prop([fc.array(message, { maxLength: 4 }), fc.boolean()], { numRuns: 60 })(
  "Athena reads from the copy what the provider sent, with line breaks as spaces",
  async (messages, areAllQuoted) => {
    const rows = messages.map((text) => [`${date} 10:00:00`, "a@example.fr", "1", "2", "3", "hard", text]);
    const options = { quoted: areAllQuoted, quoted_match: /[\r\n]/, record_delimiter: "\r\n" };
    const world = new ArchiveWorld();
    const sent = stringify([eventColumns.nl_bounce, ...rows], options);
    world.provider.csvs.set(`nl_bounce ${date}`, sent);
    await world.run({ date, events: ["nl_bounce"] });
    const read = readTable(world.archive.textOf(tableKey("nl_bounce", date)));
    expect(read).toEqual(rows.map((row) => row.map((value) => value.replace(/[\r\n]+/g, " "))));
  },
);
