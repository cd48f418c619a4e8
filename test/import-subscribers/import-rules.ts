import { inspect } from "node:util";
import * as z from "zod";
import { NewsletterSyncError, OutOfTimeError } from "../../functions/domain/errors.ts";
import type { ImportReport } from "../../functions/import-subscribers/report.ts";
import type { Run } from "../../functions/platform/run.ts";
import { lockKey } from "../../functions/platform/storage/object-keys.ts";
import type { ObjectStore } from "../../functions/platform/storage/object-store.ts";
import type { ImportAnswer } from "../../functions/providers/importer.ts";
import { CallFailure } from "../support/calls.ts";
import type { InMemoryFiles } from "../support/in-memory-files.ts";

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

/** An address, or a link with which anybody could read some. */
const secrets = /example\.fr|files\.invalid/i;
const lockSchema = z.object({ expiresAt: z.iso.datetime() });

/** What must hold in every history of an import, whatever happens. */
export class ImportRules {
  readonly broken: string[] = [];
  /** The links that the provider was given, over all runs. */
  filesReceived = 0;
  #lastDeadline = 0;
  readonly #files: InMemoryFiles;
  readonly #whole: readonly string[] | undefined;

  constructor(files: InMemoryFiles, whole: readonly string[] | undefined) {
    this.#files = files;
    this.#whole = whole;
  }

  /** @param firstKey the first file of the announcing run */
  onImport(key: string, firstKey: string, told: Told): ImportAnswer {
    told.received.push(key);
    this.filesReceived++;
    const written = this.#whole?.map((csv, number) => {
      const ofNumber = firstKey.replace("00000.csv", `0000${number}.csv`);
      return { ofNumber, isWhole: this.#files.files.has(ofNumber) && this.#files.textOf(ofNumber) === csv };
    });
    if (written?.some(({ isWhole }) => !isWhole))
      this.#break("a file was announced before all of them were whole");
    if (written?.every(({ ofNumber }) => ofNumber !== key))
      this.#break("a file of another run was announced");
    const bytes = this.#files.files.get(key)?.bytes.length ?? -1;
    return { id: this.filesReceived, status: "uploaded", bytes };
  }

  onEnd({ report, signal }: Run<ImportReport>, error: Error | undefined, told: Told): void {
    this.#checkTexts([...told.texts, inspect(error, { depth: null, showHidden: true }), inspect(report)]);
    this.#checkTexts([JSON.stringify(report)]);
    this.#checkAnnounced(report, told);
    this.#checkError(error, { report, isOutOfTime: signal.aborted });
    if (told.opened !== told.closed) this.#break("a source was left open");
    if (error === undefined && told.answered.length !== this.#whole?.length && this.#whole !== undefined)
      this.#break(`a run that announced ${told.answered.length} files succeeded`);
  }

  /** @param received how many files the provider learned of */
  onUndisturbed(received: number, error: Error | undefined): void {
    if (error !== undefined) this.#break(`an undisturbed run failed: ${error.stack}`);
    if (received !== this.#whole?.length) this.#break(`an undisturbed run announced ${received} files`);
  }

  /** Must be called when a run is over, however it ended. */
  async checkLock(store: ObjectStore, { deadline }: Run<ImportReport>): Promise<void> {
    this.#lastDeadline = Math.max(this.#lastDeadline, deadline.getTime());
    const lock = await store.get(lockKey("daily"));
    if (lock === undefined) return;
    const { expiresAt } = lockSchema.parse(JSON.parse(Buffer.from(lock.bytes).toString()));
    if (Date.parse(expiresAt) > this.#lastDeadline) this.#break("a lock outlives its run");
  }

  #checkAnnounced({ files = [] }: Partial<ImportReport>, told: Told): void {
    const keysOf = (reported: typeof files) => reported.map(({ key }) => key).join();
    if (keysOf(files.filter((file) => file.announced)) !== told.attempted.join())
      this.#break("the report does not say which files may have been announced");
    if (keysOf(files.filter((file) => file.import)) !== told.answered.join())
      this.#break("the report does not say which files the provider accepted");
    if (new Set(told.attempted).size !== told.attempted.length) this.#break("a file was announced twice");
    for (const { key, bytes } of files.filter((file) => file.announced)) {
      if (this.#files.files.get(key)?.bytes.length !== bytes) this.#break("the report states another length");
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
