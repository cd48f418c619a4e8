import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { eventColumns } from "../../functions/providers/event-columns.ts";
import { syntheticEmail } from "../../infra/sandbox/ownpage/synthetic-subscriber.ts";
import { seededRandom } from "../../infra/sandbox/seeded-random.ts";

interface Day {
  /** YYYY-MM-DD */
  readonly date: string;
  readonly clicks: number;
  readonly subscribers: number;
}

const daySeconds = 86_400;
const times = Array.from({ length: daySeconds }, (_, second) =>
  new Date(second * 1000).toISOString().slice(11, 19),
);
const sections = ["politique", "monde", "economie", "culture", "sport", "sciences"];
const words = [
  "budget",
  "mairie",
  "grippe",
  "festival",
  "vaccin",
  "hiver",
  "reforme",
  "usine",
  "ecole",
  "train",
];
const targets = 5_000;

/**
 * Writes a day of clicks as CSV, about 115 bytes each: by random subscribers, in the order of their times, and mostly on
 * few targets. One URL in a hundred has a comma and is quoted, so that almost every 64 kB of the file have a quote.
 */
export async function writeClicks(file: string, day: Day): Promise<void> {
  await pipeline(Readable.from(linesOf(day)), createWriteStream(file));
}

function* linesOf({ date, clicks, subscribers }: Day): Generator<string> {
  const random = seededRandom(date);
  const upTo = (limit: number) => Math.floor(random() * limit);
  yield `${eventColumns.nl_click.join(",")}\n`;
  let lines = "";
  for (let n = 0; n < clicks; n++) {
    const time = times[Math.floor((n / clicks) * daySeconds)];
    const newsletter = `${70 + upTo(30)},${6_000 + upTo(900)},123`;
    const target = Math.floor(random() ** 3 * targets);
    const where = `${5_000_000 + target},${urlOf(target)},${1 + upTo(20)}`;
    lines += `${date} ${time},${syntheticEmail(upTo(subscribers))},${newsletter},${where}\n`;
    if (lines.length > 1 << 16) {
      yield lines;
      lines = "";
    }
  }
  yield lines;
}

function urlOf(target: number): string {
  const wordAt = (position: number) => words[Math.floor(target / 10 ** position) % words.length];
  const path = `https://example.fr/${sections[target % sections.length]}/${wordAt(0)}-${wordAt(1)}-${target}`;
  return target % 100 === 50 ? `"${path}?tri=date,titre"` : path;
}
