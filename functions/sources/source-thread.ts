import { on, once } from "node:events";
import { setFlagsFromString } from "node:v8";
import { isMainThread, type MessagePort, parentPort, Worker, workerData } from "node:worker_threads";
import { type Actor, CredentialError, NewsletterSyncError, SourceError } from "../domain/errors.ts";
import { systemClock } from "../platform/clock.ts";
import type { ReadSecret } from "../platform/secrets.ts";
import { createS3Client } from "../platform/storage/s3-client.ts";
import { openSource } from "./open-source.ts";
import { packBatches } from "./pack-batches.ts";
import { createRowParser } from "./row-parser.ts";
import type { SourceConfiguration } from "./source.ts";
import type { DesiredBlock, SourceReading } from "./source-reading.ts";

export interface SourceThreadOptions {
  readonly configuration: SourceConfiguration;
  /** Of times without an offset. */
  readonly timeZone: string;
  readonly readSecret: ReadSecret;
  /** How much the thread may read before its blocks are consumed. @default 2 MB */
  readonly readAheadBytes?: number;
  /** How large the thread's heap may grow. @default 192 MB */
  readonly maxHeapMegabytes?: number;
  readonly signal: AbortSignal;
}

/** The options that the thread gets, and the value of the source's secret if it has one. */
type Task = Required<Pick<SourceThreadOptions, "configuration" | "timeZone" | "readAheadBytes">> & {
  readonly task: "read-source";
  readonly secret: unknown;
};

type Opened = Pick<SourceReading, "columns" | "givesConsents" | "readAt">;

/** From the thread. */
type Message =
  | ({ kind: "opened" } & Opened)
  | { kind: "block"; block: DesiredBlock }
  | { kind: "end" }
  | { kind: "failed"; name: string; message: string; actor: Actor | undefined };

/** To the thread: a number of bytes that were consumed, or that it must stop. */
type Order = number | "stop";

const bytesOfNamedRow = 200;
const stopTimeoutMs = 1000;
/** The errors whose class survives the way out of the thread. */
const errorClasses = { SourceError, CredentialError };

/**
 * Opens a source in a worker thread, which parses and packs its rows. The thread runs this same module, or the bundle
 * that contains it.
 *
 * @throws what `openSource` throws
 */
export async function readSourceInThread(options: SourceThreadOptions): Promise<SourceReading> {
  const { configuration, timeZone, readSecret, readAheadBytes = 2_000_000, signal } = options;
  // A small heap is collected often, which is cheap here, as rows are short-lived.
  const { maxHeapMegabytes: maxOldGenerationSizeMb = 192 } = options;
  const resourceLimits = { maxYoungGenerationSizeMb: 32, maxOldGenerationSizeMb };
  const secret = "secret" in configuration ? await readSecret(configuration.secret) : undefined;
  signal.throwIfAborted();
  const task: Task = { task: "read-source", configuration, timeZone, secret, readAheadBytes };
  // Lambda derives this flag from the function's memory, for all threads, and it overrides `resourceLimits`.
  setFlagsFromString("--max-semi-space-size=4");
  const worker = new Worker(new URL(import.meta.url), { workerData: task, resourceLimits });
  const messages = on(worker, "message", { signal, close: ["exit"] });
  const close = createStop(worker, signal);
  const next = () => nextMessage(messages, signal);

  async function* blocks(): AsyncGenerator<DesiredBlock> {
    try {
      for (let message = await next(); message.kind === "block"; message = await next()) {
        // Read before the consumer gets the bytes: it may transfer them to another thread.
        const consumed: Order = sizeOf(message.block);
        yield message.block;
        worker.postMessage(consumed);
      }
    } finally {
      await close();
    }
  }

  try {
    const opened = await next();
    if (opened.kind !== "opened")
      throw new TypeError(`the source's thread began with the message "${opened.kind}"`);
    const { columns, givesConsents, readAt } = opened;
    return { columns, givesConsents, readAt, blocks, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function nextMessage(messages: ReturnType<typeof on>, signal: AbortSignal): Promise<Message> {
  const { value, done } = await messages.next().catch((error: Error) => {
    signal.throwIfAborted();
    throw new SourceError("its thread", "ended unexpectedly", { cause: error });
  });
  if (done) throw new SourceError("its thread", "ended before the rows did");
  const [message] = value as [Message];
  if (message.kind === "failed") throw rebuildError(message);
  return message;
}

/** Stops the thread when the signal fires or when called: first by asking, so that it can cancel a query. */
function createStop(worker: Worker, signal: AbortSignal): () => Promise<void> {
  // Errors reach the reader of the messages. The listener is for when nobody reads.
  worker.on("error", () => {});
  const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  const stop = async () => {
    signal.removeEventListener("abort", stop);
    worker.postMessage("stop" satisfies Order);
    const overdue = setTimeout(() => worker.terminate(), stopTimeoutMs);
    await exited;
    clearTimeout(overdue);
  };
  signal.addEventListener("abort", stop);
  return stop;
}

function rebuildError({ name, message, actor }: Extract<Message, { kind: "failed" }>): Error {
  const error = new Error(message);
  const type = errorClasses[name as keyof typeof errorClasses] ?? Error;
  // A class's fields, as `actor` is one, are not in its prototype.
  return Object.assign(Object.setPrototypeOf(error, type.prototype), { name, ...(actor && { actor }) });
}

/** About what a block takes, in bytes. */
function sizeOf({ records, rejected, unreadableConsents }: DesiredBlock): number {
  return records.bytes.length + bytesOfNamedRow * (rejected.length + unreadableConsents.length);
}

/** What the thread does. */
async function runTask(
  port: MessagePort,
  { configuration, timeZone, secret, readAheadBytes }: Task,
): Promise<void> {
  const stop = new AbortController();
  const { signal } = stop;
  let bytesAhead = 0;
  port.on("message", (order: Order) => {
    if (order === "stop") stop.abort();
    else bytesAhead -= order;
  });
  const post = (message: Message, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
  const s3 = createS3Client();
  try {
    const access = { s3, readSecret: async () => secret, clock: systemClock, signal };
    const source = await openSource(configuration, access);
    try {
      const { readAt } = source;
      const parser = createRowParser(source.columns, { timeZone, readAt });
      const { fieldColumns, givesConsents } = parser;
      post({ kind: "opened", columns: fieldColumns, givesConsents, readAt });
      for await (const block of packBatches(source, parser)) {
        bytesAhead += sizeOf(block);
        post({ kind: "block", block }, [block.records.bytes.buffer as ArrayBuffer]);
        while (bytesAhead > readAheadBytes) await once(port, "message", { signal });
      }
    } finally {
      await source.close();
    }
    post({ kind: "end" });
  } catch (error) {
    const { name, message } = error as Error;
    const actor = error instanceof NewsletterSyncError ? error.actor : undefined;
    post({ kind: "failed", name, message, actor });
  } finally {
    s3.destroy();
    port.close();
  }
}

if (!isMainThread && parentPort !== null && workerData?.task === "read-source") {
  void runTask(parentPort, workerData as Task);
}
