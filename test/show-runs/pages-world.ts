import { reportKey } from "../../functions/platform/storage/object-keys.ts";
import type { ReportName } from "../../functions/platform/storage/page-keys.ts";
import { type ShowDependencies, showRuns } from "../../functions/show-runs/show-runs.ts";
import { InMemoryStore } from "../support/in-memory-store.ts";

const dayMs = 24 * 60 * 60 * 1000;
export const june = Date.UTC(2026, 5, 1);

/** The id of a run that begins so many days after 1 June 2026. */
export function runIdAt(days: number, suffix = "00000000"): string {
  return `${new Date(june + days * dayMs).toISOString().replace(/[-:]|\.\d+/g, "")}-${suffix}`;
}

export function named(runId: string, subject = "daily", functionName = "sync-subscribers"): ReportName {
  return { functionName, subject, runId };
}

/** The exchange bucket, and the function that draws pages of it. */
export class PagesWorld {
  readonly store: InMemoryStore;
  now = june;
  dependencies: ShowDependencies;

  constructor(store = new InMemoryStore()) {
    this.store = store;
    this.dependencies = {
      store,
      listKeys: (prefix) => this.#keys(prefix),
      pause: async () => undefined,
      now: () => new Date(this.now),
      runbook: "https://example.org/runbook",
      memoryMbOf: () => 1024,
    };
  }

  /** Stores a report, as a run does at its end. */
  async report(name: ReportName, report: object): Promise<void> {
    const key = reportKey(name.functionName, name.subject, name.runId);
    await this.store.put(key, Buffer.from(JSON.stringify(report)));
  }

  /** What S3's event of that report does. */
  show(name: ReportName) {
    return showRuns({ report: name }, this.dependencies);
  }

  text(key: string): string {
    return Buffer.from(this.store.objects.get(key)?.bytes ?? []).toString();
  }

  keys(): string[] {
    return [...this.store.objects.keys()];
  }

  async *#keys(prefix: string): AsyncGenerator<string> {
    for (const key of this.keys().toSorted()) if (key.startsWith(prefix)) yield key;
  }
}

/** What a person reads of a page: no tags, and characters for their names. */
export function readable(page: string): string {
  return page
    .replaceAll(/<style>.*?<\/style>|<[^>]+>/gs, " ")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}
