import { inspect } from "node:util";
import type { ArchiveReport, FileReport } from "../../functions/archive-events/report.ts";
import { ArchiveIncompleteError } from "../../functions/domain/archive-errors.ts";
import { NewsletterSyncError, OutOfTimeError } from "../../functions/domain/errors.ts";
import type { Run } from "../../functions/platform/run.ts";
import type { FileDescription } from "../../functions/platform/storage/file-store.ts";
import { eventsKey, tableKey } from "../../functions/platform/storage/object-keys.ts";
import type { EventFile } from "../../functions/providers/event-files.ts";
import type { InMemoryFiles } from "../support/in-memory-files.ts";
import { sha256Of } from "./archive-world.ts";
import { copyOf, csvOf, versions } from "./growing-files.ts";

/** What must hold in every history of the archive, whatever happens. */
export class ArchiveRules {
  readonly broken: string[] = [];
  readonly #files: InMemoryFiles;
  readonly #asked: readonly EventFile[];
  /** The stored files that were checked; a file that is stored again is another object. */
  readonly #seen = new WeakSet<object>();
  /** The most characters that a file ever had, by event and day. */
  readonly #longest = new Map<string, number>();

  /** @param asked the files that each run is asked for */
  constructor(files: InMemoryFiles, asked: readonly EventFile[]) {
    this.#files = files;
    this.#asked = asked;
  }

  /** Checks the archive after each of its calls. */
  watch(): void {
    this.checkArchive();
    this.#files.onCall = ({ moment }) => {
      if (moment === "ends") this.checkArchive();
    };
  }

  /** Checks what must hold at every moment. */
  checkArchive(): void {
    for (const file of this.#asked) this.#checkFile(file);
  }

  #checkFile(file: EventFile): void {
    const [key, copyKey] = [eventsKey(file.event, file.date), tableKey(file.event, file.date)];
    const [original, copy] = [this.#files.files.get(key), this.#files.files.get(copyKey)];
    if (original === undefined) {
      if (copy !== undefined) this.#break("a copy exists without its file");
      return;
    }
    const { sha256 } = original.metadata;
    if (this.#isNew(original)) this.#checkOriginal(file, this.#files.textOf(key), original.metadata);
    if (copy !== undefined && this.#isNew(copy))
      this.#checkCopy(file, this.#files.textOf(copyKey), copy.metadata["original-sha256"]);
    const isLabelled = original.labels["sha256"] === sha256;
    if (isLabelled && copy?.metadata["original-sha256"] !== sha256)
      this.#break(`${file.event} of ${file.date} has its label but not its copy`);
  }

  #checkOriginal(file: EventFile, text: string, { rows, bytes, sha256 }: FileDescription["metadata"]): void {
    const { event, date } = file;
    if (!versions.some((version) => csvOf(file, version) === text))
      this.#break(`${event} of ${date} is not as the provider sent it`);
    const lines = text.split("\n").length - 1;
    if ([rows, bytes, sha256].join() !== [Math.max(0, lines - 1), text.length, sha256Of(text)].join())
      this.#break(`${event} of ${date} is not what its metadata says`);
    if (text.length < (this.#longest.get(event + date) ?? 0))
      this.#break(`a shorter ${event} of ${date} replaced a longer one`);
    this.#longest.set(event + date, text.length);
  }

  #checkCopy(file: EventFile, text: string, sha256: string | undefined): void {
    const version = versions.find((version) => sha256Of(csvOf(file, version)) === sha256);
    if (version === undefined || copyOf(file, version) !== text)
      this.#break(`the copy of ${file.event} of ${file.date} does not have the rows of its file`);
  }

  #isNew(stored: object): boolean {
    if (this.#seen.has(stored)) return false;
    this.#seen.add(stored);
    return true;
  }

  onEnd({ report, signal }: Run<ArchiveReport>, error: Error | undefined, texts: readonly string[]): void {
    for (const text of [...texts, JSON.stringify(report), inspect(error, { depth: null, showHidden: true })])
      if (/example\.fr|reader\.\d/.test(text)) this.#break(`an address was revealed: ${text}`);
    const { files = [], settled = 0, left = 0, missing = 0 } = report;
    if (files.length + settled + left !== this.#asked.length) this.#break("a file is not in the report");
    for (const file of files) this.#checkReported(file);
    const absent = files.filter(({ key }) => !this.#files.files.has(key)).length;
    if (missing < absent) this.#break(`${absent} files are missing, but ${missing} are reported`);
    const failed = files.filter(({ outcome }) => outcome === "failed");
    if (error !== undefined && !(error instanceof NewsletterSyncError))
      this.#break(`the run ended with an unknown error: ${error.stack}`);
    if (error === undefined && failed.length > 0) this.#break("a run with a failed file succeeded");
    if (error === undefined && left > 0 && report.next === undefined)
      this.#break("a run that left files does not say how to continue");
    if (error instanceof ArchiveIncompleteError) {
      for (const { event, date } of failed)
        if (!error.message.includes(`${event} of ${date}`))
          this.#break("the error does not name a failed file");
    }
    if (failed.some(({ reason }) => /OutOfTime|Abort/.test(reason ?? "")))
      this.#break("a file that was abandoned for lack of time is reported as failed");
    if (error instanceof OutOfTimeError && !signal.aborted) this.#break("the run had time left");
  }

  /** A file that is reported as stored is stored, unless a longer one has replaced it. */
  #checkReported({ event, date, key, outcome, bytes = 0, sha256 }: FileReport): void {
    if (outcome === "failed" || outcome === "unavailable") return;
    const { metadata, labels } = this.#files.files.get(key) ?? {};
    if (Number(metadata?.["bytes"] ?? 0) < bytes)
      this.#break(`a file is reported as ${outcome} but is not there`);
    if (metadata?.["sha256"] !== sha256) return;
    const copy = this.#files.files.get(tableKey(event, date));
    if (copy?.metadata["original-sha256"] !== sha256)
      this.#break(`a file is reported as ${outcome} without its copy`);
    if (labels?.["sha256"] !== sha256) this.#break(`a file is reported as ${outcome} without its label`);
  }

  #break(rule: string): void {
    if (!this.broken.includes(rule)) this.broken.push(rule);
  }
}
