import { randomUUID } from "node:crypto";
import { seededRandom } from "../seeded-random.ts";

const dayMs = 24 * 3_600_000;

/** The exports of campaign statistics, each available for 24 hours. */
export class StatsExports {
  readonly #made = new Map<string, { readonly csv: string; readonly at: number }>();
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  make(startDate: string, endDate: string): { readonly token: string; readonly filename: string } {
    const token = randomUUID();
    const filename = `stats-${startDate}-${endDate}.csv`;
    this.#made.set(`${token}/${filename}`, { csv: campaigns(startDate, endDate), at: this.#now().getTime() });
    return { token, filename };
  }

  /** Undefined for a file that was never made, or more than 24 hours ago. */
  find(token: string, filename: string): string | undefined {
    const made = this.#made.get(`${token}/${filename}`);
    return made && this.#now().getTime() - made.at < dayMs ? made.csv : undefined;
  }
}

function campaigns(startDate: string, endDate: string): string {
  const lines = ["date,campaign_id,newsletter_id,sent,displayed,clicked"];
  for (let day = new Date(startDate); day <= new Date(endDate); day = new Date(day.getTime() + dayMs)) {
    const date = day.toISOString().slice(0, 10);
    const random = seededRandom(`stats/${date}`);
    const sent = 1_000 + Math.floor(random() * 9_000);
    const displayed = Math.floor(sent * random());
    lines.push([date, 78, 6_435, sent, displayed, Math.floor(displayed * random())].join(","));
  }
  return `${lines.join("\n")}\n`;
}
