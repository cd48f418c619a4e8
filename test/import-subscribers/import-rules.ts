import { createHash } from "node:crypto";
import { inspect } from "node:util";
import * as z from "zod";
import { canonicalEmail } from "../../functions/domain/email.ts";
import { NewsletterSyncError, OutOfTimeError } from "../../functions/domain/errors.ts";
import { type PlanChunk, planSummarySchema } from "../../functions/domain/plan.ts";
import type { ImportReport } from "../../functions/import-subscribers/report.ts";
import type { Run } from "../../functions/platform/run.ts";
import { importKey, importSummaryKey, lockKey } from "../../functions/platform/storage/object-keys.ts";
import type { ObjectStore } from "../../functions/platform/storage/object-store.ts";
import { CallFailure } from "../support/calls.ts";
import type { InMemoryFiles } from "../support/in-memory-files.ts";
import type { InMemoryProvider } from "../support/in-memory-provider.ts";
import type { InMemoryStore } from "../support/in-memory-store.ts";

/** What one run revealed, and the keys of the files that it announced. */
export interface Told {
  /** Files whose announcement was begun. */
  readonly attempted: string[];
  /** Files of which the provider learned. */
  readonly received: string[];
  /** Files whose announcement the provider answered. */
  readonly answered: string[];
  /** What a log would show. */
  readonly texts: string[];
  opened: number;
  closed: number;
}

interface World {
  readonly store: InMemoryStore;
  readonly files: InMemoryFiles;
  readonly provider: InMemoryProvider;
}

/** An address, or a link with which anybody could read some. */
const secrets = /example\.fr|files\.invalid/i;
const lockSchema = z.object({ expiresAt: z.iso.datetime() });
/** In no file may stand who has opted out or bounced, in any spelling. */
const protectedReaders = ["opted.out@example.fr", "bounced@example.fr"];
/** The list as the database wants it, with what the provider knows better. */
const wanted = {
  "Leaves@Example.fr": "unsubscribed",
  "missing@example.fr": "unsubscribed",
  "Changes@example.fr": "subscribed New",
  "gains@example.fr": 'subscribed G "Ga"; by',
  "Opted.Out@example.fr": "unsubscribed",
  "bounced@example.fr": "unsubscribed",
  "returns@example.fr": "unsubscribed",
  "new.1@example.fr": "subscribed",
  "new.2@example.fr": "subscribed",
  "new.3@example.fr": "subscribed",
};

/** What must hold in every history of an import, whatever happens. */
export class ImportRules {
  readonly broken: string[] = [];
  #lastDeadline = 0;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** The provider learns of a file. */
  onImport(key: string, { id }: Run<ImportReport>, told: Told): void {
    told.received.push(key);
    const { files } = this.#world;
    const chunks = this.#chunksOf(id);
    const keyOf = (chunk: PlanChunk) => importKey("daily", id, chunk);
    const isWhole = (chunk: PlanChunk) => {
      const bytes = files.files.get(keyOf(chunk))?.bytes;
      return bytes !== undefined && createHash("sha256").update(bytes).digest("hex") === chunk.sha256;
    };
    if (chunks.length === 0 || !chunks.every(isWhole)) {
      this.#break("a file was announced before all of them were whole");
    }
    if (chunks.every((chunk) => keyOf(chunk) !== key)) this.#break("a file of another run was announced");
    const placeOf = (key: string) => chunks.findIndex((chunk) => keyOf(chunk) === key);
    if (told.answered.some((earlier) => placeOf(earlier) > placeOf(key))) {
      this.#break("files were not announced in the order of the groups");
    }
    const optOuts = chunks.filter(({ group }) => group === "unsubscribe").map(keyOf);
    if (!optOuts.includes(key) && !optOuts.every((optOut) => told.answered.includes(optOut))) {
      this.#break("something was announced before the unsubscriptions");
    }
    const text = files
      .textOf(key)
      .split("\n")
      .map((line) => canonicalEmail(line.split(",")[0]!));
    if (protectedReaders.some((email) => text.includes(email))) {
      this.#break("a file holds somebody who has opted out or bounced");
    }
  }

  onEnd({ report, signal }: Run<ImportReport>, error: Error | undefined, told: Told): void {
    this.#checkTexts([...told.texts, inspect(error, { depth: null, showHidden: true }), inspect(report)]);
    this.#checkTexts([JSON.stringify(report)]);
    this.#checkAnnounced(report, told);
    this.#checkError(error, { report, isOutOfTime: signal.aborted });
    if (told.opened !== told.closed) this.#break("a source was left open");
    if (error !== undefined) return;
    if (told.answered.length !== report.files?.length) this.#break("a run that left files out succeeded");
    if (Object.values(report.remaining ?? { unknown: 1 }).some((count) => count > 0)) {
      this.#break("a run that left changes undone succeeded");
    }
  }

  onUndisturbed(error: Error | undefined): void {
    if (error !== undefined) this.#break(`an undisturbed run failed: ${error.stack}`);
    const { subscribers } = this.#world.provider;
    const held = Array.from(subscribers, ([email, { subscribed, fields }]) => {
      const name = fields["data_firstname"] ?? "";
      return [email, subscribed ? `subscribed ${name}`.trim() : "unsubscribed"];
    });
    const shown = (entries: Iterable<readonly unknown[]>) => JSON.stringify([...entries].sort());
    if (shown(held) !== shown(Object.entries(wanted)))
      this.#break(`the list ends as ${JSON.stringify(held)}`);
  }

  /** Must be called when a run is over, however it ended. */
  async checkLock(store: ObjectStore, { deadline }: Run<ImportReport>): Promise<void> {
    this.#lastDeadline = Math.max(this.#lastDeadline, deadline.getTime());
    const lock = await store.get(lockKey("daily"));
    if (lock === undefined) return;
    const { expiresAt } = lockSchema.parse(JSON.parse(Buffer.from(lock.bytes).toString()));
    if (Date.parse(expiresAt) > this.#lastDeadline) this.#break("a lock outlives its run");
  }

  #chunksOf(id: string): readonly PlanChunk[] {
    const summary = this.#world.store.objects.get(importSummaryKey("daily", id));
    if (summary === undefined) return [];
    return planSummarySchema.parse(JSON.parse(Buffer.from(summary.bytes).toString())).chunks;
  }

  #checkAnnounced({ files = [] }: Partial<ImportReport>, told: Told): void {
    const keysOf = (reported: typeof files) => reported.map(({ key }) => key).join();
    if (keysOf(files.filter((file) => file.announced)) !== told.attempted.join())
      this.#break("the report does not say which files may have been announced");
    if (keysOf(files.filter((file) => file.import)) !== told.answered.join())
      this.#break("the report does not say which files the provider accepted");
    if (new Set(told.attempted).size !== told.attempted.length) this.#break("a file was announced twice");
    for (const { key, bytes } of files.filter((file) => file.announced)) {
      if (this.#world.files.files.get(key)?.bytes.length !== bytes)
        this.#break("the report states another length");
    }
  }

  #checkError(
    error: Error | undefined,
    { report, isOutOfTime }: { report: Partial<ImportReport>; isOutOfTime: boolean },
  ): void {
    if (error === undefined) return;
    if (!(error instanceof NewsletterSyncError) && !(error instanceof CallFailure))
      this.#break(`the run ended with an unknown error: ${error.stack}`);
    if (isOutOfTime !== error instanceof OutOfTimeError)
      this.#break(`${error.name} does not say whether the run ran out of time`);
    if (!isOutOfTime) return;
    const { files = [] } = report;
    const announced = files.filter((file) => file.announced).length;
    const expected =
      announced === 0 ? "no file was announced" : `${announced} of ${files.length} files were announced`;
    if (!error.message.includes(expected)) this.#break(`the error does not say: ${expected}`);
  }

  #checkTexts(texts: readonly string[]): void {
    for (const text of texts)
      if (secrets.test(text)) this.#break(`an address or a link was revealed: ${text}`);
  }

  #break(rule: string): void {
    if (!this.broken.includes(rule)) this.broken.push(rule);
  }
}
