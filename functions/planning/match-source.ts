import { setImmediate as nextTurn } from "node:timers/promises";
import type { DesiredMatcher } from "../domain/diff/desired-matcher.ts";
import { Shields } from "../domain/diff/shields.ts";
import type { Run } from "../platform/run.ts";
import type { Quarantine } from "../platform/storage/quarantine.ts";
import type { SourceReading } from "../sources/source-reading.ts";

/** So many places are named in a note. */
const maxPlaces = 5;

/** Where rejected rows are set aside; `restart` forgets those of a reading that has to be repeated. */
export type RejectedRows = Pick<Quarantine, "add" | "reject" | "restart">;

/** One reading of a source: its rows are matched, and what cannot be matched is set aside. */
export class SourceMatching {
  readonly matcher: DesiredMatcher;
  readonly shields = new Shields();
  rejectedRows = 0;
  unreadableConsents = 0;
  readonly #quarantine: RejectedRows;
  readonly #unreadablePlaces: string[] = [];

  constructor(matcher: DesiredMatcher, quarantine: RejectedRows) {
    this.matcher = matcher;
    this.#quarantine = quarantine;
  }

  async read(
    source: SourceReading,
    { progress, signal }: Pick<Run<unknown>, "progress" | "signal">,
  ): Promise<void> {
    let rows = 0;
    for await (const { records, rejected, unreadableConsents } of source.blocks()) {
      signal.throwIfAborted();
      this.matcher.match(records);
      for (const rejection of rejected) {
        this.shields.add(rejection);
        await this.#quarantine.reject(rejection);
      }
      this.rejectedRows += rejected.length;
      this.unreadableConsents += unreadableConsents.length;
      const left = maxPlaces - this.#unreadablePlaces.length;
      this.#unreadablePlaces.push(...unreadableConsents.slice(0, left));
      rows += records.count + rejected.length;
      progress("reading the source", rows);
      // Blocks that were read ahead would otherwise delay the pages that have arrived meanwhile.
      await nextTurn();
    }
    progress("reading the source", rows, rows);
  }

  /** What a person should know of the rows. */
  notes(): string[] {
    if (this.unreadableConsents === 0) return [];
    const more = this.unreadableConsents > this.#unreadablePlaces.length ? " …" : "";
    const places = `${this.#unreadablePlaces.join(", ")}${more}`;
    return [
      `rows whose consented_at cannot be, so that they count as without consent: ${this.unreadableConsents} (${places})`,
    ];
  }
}
