import { Readable } from "node:stream";
import { archiveEvents } from "../../functions/archive-events/archive-events.ts";
import type { ArchiveReport } from "../../functions/archive-events/report.ts";
import { ProviderUnavailableError } from "../../functions/domain/provider-errors.ts";
import type { StreamedBody } from "../../functions/platform/http/http-stream.ts";
import type { Run } from "../../functions/platform/run.ts";
import type { EventFile, EventFiles } from "../../functions/providers/event-files.ts";
import { CallFailure, Calls, type Fault } from "../support/calls.ts";
import { faultyFiles } from "../support/faulty-files.ts";
import { InMemoryFiles } from "../support/in-memory-files.ts";
import { InMemoryStore } from "../support/in-memory-store.ts";
import { testRun } from "../support/test-run.ts";
import { ArchiveRules } from "./archive-rules.ts";
import { night, nightAfter } from "./archive-world.ts";
import { asked, csvOf, events, type Flaw, flaws, timeZone, type Version } from "./growing-files.ts";

/** What the provider answers in place of a file; an error is thrown. */
type Refusal = "absent" | "notIncluded" | Flaw | Error;

interface Body extends Omit<StreamedBody, "stream"> {
  readonly chunks: readonly Buffer[];
}

type Answer = Exclude<Refusal, Flaw> | Body;

/** How one run of a history starts. */
export interface Begin {
  /** Whether files may still get rows at that time. @default false */
  readonly isEarly?: boolean;
  /** What the provider has. @default "last" */
  readonly version?: Version;
  readonly faults?: Iterable<readonly [string, Fault]>;
  readonly refusals?: Iterable<readonly [string, Refusal]>;
  readonly onCall?: (place: string) => void | Promise<void>;
}

/** How a run ended, and the calls that it made. */
export interface Ended {
  readonly calls: Calls;
  readonly report: Partial<ArchiveReport>;
  readonly error: Error | undefined;
  readonly isKilled: boolean;
}

export const nameOf = ({ event, date }: EventFile) => `${event} ${date}`;

/** Runs over one archive of three events and two days, one after another or at once. */
export class ArchiveHistory {
  readonly files = new InMemoryFiles();
  readonly rules: ArchiveRules;
  readonly #from: string;

  /**
   * @param existing what another history left in its archive
   * @param options.from the first day that its runs ask for
   */
  constructor(existing?: InMemoryFiles, { from = "2026-03-08" } = {}) {
    this.#from = from;
    const files = asked.filter(({ date }) => date >= from);
    this.rules = new ArchiveRules(this.files, files);
    for (const [key, file] of existing?.files ?? []) this.files.files.set(key, { ...file });
    this.rules.watch();
  }

  async run(begin: Begin = {}): Promise<Ended> {
    const { isEarly = false, version = "last", faults = [], refusals = [], onCall } = begin;
    const calls = new Calls(faults);
    if (onCall !== undefined) calls.onCall = onCall;
    const texts: string[] = [];
    const run: Run<ArchiveReport> = {
      ...testRun<ArchiveReport>({ at: isEarly ? night : nightAfter(7), signal: calls.signal }),
      progress: (phase, done, total) => texts.push(`${phase} ${done} ${total}`),
    };
    const refused = new Map(refusals);
    const dependencies = {
      store: new InMemoryStore(),
      archive: faultyFiles(calls, this.files),
      timeZone,
      settings: { lookBackDays: 2, events },
      openFiles: () => faultyEventFiles(calls, (file) => answerOf(file, version, refused.get(nameOf(file)))),
    };
    const ended = archiveEvents({ from: this.#from, to: "2026-03-09" }, dependencies, run).then(
      () => ({ error: undefined, isKilled: false }),
      (error: Error) => ({ error, isKilled: false }),
    );
    const killed = calls.killed.then(() => ({ error: undefined, isKilled: true }));
    const { error, isKilled } = await Promise.race([ended, killed]);
    if (!isKilled) this.rules.onEnd(run, error, texts);
    await calls.finishLate();
    this.rules.checkArchive();
    return { calls, report: run.report, error, isKilled };
  }

  /** The archive without its refused files, to be compared; when a file was first fetched differs between histories. */
  get archived(): object {
    const entries = [...this.files.files].filter(([key]) => !key.startsWith("refused/"));
    const comparable = entries.map(([key, { metadata, labels, contentType }]) => {
      const { "fetched-at": _, ...rest } = metadata;
      return [key, { text: this.files.textOf(key), metadata: rest, labels, contentType }] as const;
    });
    return Object.fromEntries(comparable.toSorted());
  }
}

/** The archive that most histories start with: the files of one day, one of which has grown since. */
export async function earlyArchive(): Promise<InMemoryFiles> {
  const history = new ArchiveHistory();
  const later = asked.filter(({ date }) => date === "2026-03-09");
  const refusals = later.map((file) => [nameOf(file), "absent"] as const);
  await history.run({ isEarly: true, version: "first", refusals });
  return history.files;
}

function answerOf(file: EventFile, version: Version, refusal: Refusal | undefined): Answer {
  const csv = csvOf(file, version);
  if (refusal === undefined) return bodyOf(csv, { isStated: file.event !== "nl_bounce" || csv === "" });
  if (typeof refusal === "string" && refusal in flaws)
    return bodyOf(flaws[refusal as Flaw](csv), { isStated: true });
  return refusal as Exclude<Refusal, Flaw>;
}

/** In three chunks, of which only the last ends with a row. */
function bodyOf(csv: string, { isStated }: { isStated: boolean }): Body {
  const bytes = Buffer.from(csv);
  const stated = { expectedBytes: isStated ? bytes.length : undefined, isEndCertain: isStated };
  if (bytes.length === 0) return { chunks: [], ...stated };
  const [one, other] = [Math.floor(bytes.length / 3) - 1, bytes.length - 5];
  return { chunks: [bytes.subarray(0, one), bytes.subarray(one, other), bytes.subarray(other)], ...stated };
}

function faultyEventFiles(calls: Calls, answer: (file: EventFile) => Answer): EventFiles {
  return {
    endpoint: "GET /files/{event}/{date}",
    requests: { sent: 0, retried: 0 },
    async openEvents(file, signal) {
      const open = async () => answer(file);
      const opened = await calls.make(`open ${nameOf(file)}`, open, signal);
      if (opened instanceof Error) throw opened;
      if (typeof opened === "string") return { outcome: opened };
      const { chunks, ...stated } = opened;
      const sent = send(chunks, (move) => calls.pass(`body ${nameOf(file)}: ${move}`, signal));
      return { outcome: "found", ...stated, stream: Readable.from(sent, { objectMode: false }) };
    },
  };
}

/** A lost answer cuts the end off the body, and nothing tells it from the true end. */
async function* send(
  chunks: readonly Buffer[],
  pass: (move: string) => Promise<void>,
): AsyncGenerator<Buffer> {
  try {
    for (const chunk of chunks) {
      await pass("chunk");
      yield chunk;
    }
    await pass("end");
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error;
    if (error.fault !== "is done, and its answer is lost")
      throw new ProviderUnavailableError("GET /x", 1, "a body cut short");
  }
}
