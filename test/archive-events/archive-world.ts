import { createHash } from "node:crypto";
import { type ArchiveDependencies, archiveEvents } from "../../functions/archive-events/archive-events.ts";
import type { ArchiveEvent } from "../../functions/archive-events/event.ts";
import type { ArchiveReport } from "../../functions/archive-events/report.ts";
import { eventsKey, tableKey } from "../../functions/platform/storage/object-keys.ts";
import { InMemoryFiles } from "../support/in-memory-files.ts";
import { InMemoryStore } from "../support/in-memory-store.ts";
import { testRun } from "../support/test-run.ts";
import { InMemoryEventFiles } from "./in-memory-event-files.ts";

/** 4:30 in Paris on 10 March 2026: the window covers 8 and 9 March, and 8 March ended 28.5 hours ago. */
export const night = Date.UTC(2026, 2, 10, 3, 30);
const dayMs = 86_400_000;

/** The nth night after the first one. */
export const nightAfter = (nights: number): number => night + nights * dayMs;

/** The file of every test that needs only one: its keys, its name, and the event that requests it. */
export const subscribed = { event: "nl_subscribe", date: "2026-03-09" } as const;
export const name = "nl_subscribe 2026-03-09";
export const key = eventsKey(subscribed.event, subscribed.date);
export const copyKey = tableKey(subscribed.event, subscribed.date);
export const named = { date: subscribed.date, events: [subscribed.event] };
export const sha256Of = (csv: string) => createHash("sha256").update(csv).digest("hex");

interface RunOptions {
  readonly at?: number;
  readonly signal?: AbortSignal;
}

/** An archive of two events and two days, in memory, and its provider. */
export class ArchiveWorld {
  readonly archive = new InMemoryFiles();
  readonly provider = new InMemoryEventFiles();
  dependencies: ArchiveDependencies = {
    store: new InMemoryStore(),
    archive: this.archive,
    timeZone: "Europe/Paris",
    settings: { lookBackDays: 2, events: ["nl_subscribe", "nl_bounce"] },
    openFiles: () => this.provider,
  };

  async run(event: ArchiveEvent = {}, options: RunOptions = {}): Promise<ArchiveReport> {
    const { error, report } = await this.running(event, options);
    if (error !== undefined) throw error;
    return report;
  }

  /** Runs, expecting a failure: what was thrown, and the report up to then. */
  async failing(event: ArchiveEvent = {}, options: RunOptions = {}) {
    const { error, report } = await this.running(event, options);
    if (error === undefined) throw new Error("it should have failed");
    return { error, report };
  }

  /** Runs, whether or not it fails. */
  async running(event: ArchiveEvent = {}, { at = night, ...options }: RunOptions = {}) {
    const run = testRun<ArchiveReport>({ at, ...options });
    const error = await archiveEvents(event, this.dependencies, run).then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    return { error, report: run.report as ArchiveReport };
  }

  /** Counts the files of any kind that are written from now on; labels do not count. */
  countUploads(): { uploads: number } {
    const counted = { uploads: 0 };
    this.archive.onCall = ({ operation, moment }) => {
      if (operation === "upload" && moment === "begins") counted.uploads++;
    };
    return counted;
  }

  keys(prefix = ""): string[] {
    return [...this.archive.files.keys()].filter((key) => key.startsWith(prefix)).sort();
  }
}

/** What became of each file, as `nl_click 2018-02-15 stored`. */
export function outcomes({ files }: ArchiveReport): string[] {
  return files.map(({ event, date, outcome }) => `${event} ${date} ${outcome}`);
}
