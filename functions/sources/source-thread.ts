import { on, once } from "node:events";
import { setFlagsFromString } from "node:v8";
import { isMainThread, type MessagePort, parentPort, Worker, workerData } from "node:worker_threads";
import { CredentialError, SourceError } from "../domain/errors.ts";
import type { ReadSecret } from "../platform/secrets.ts";
import { createS3Client } from "../platform/storage/s3-client.ts";
import { desiredBlocks } from "./desired-blocks.ts";
import { desiredRows } from "./desired-rows.ts";
import { openSource } from "./open-source.ts";
import type { SourceConfiguration } from "./source.ts";
import type { DesiredBlock, SourceReading } from "./source-reading.ts";

export interface SourceThreadOptions {
  readonly configuration: SourceConfiguration;
  /** The zone of times without an offset. */
  readonly timeZone: string;
  readonly readSecret: ReadSecret;
  /** How far the thread may read before the blocks are consumed. @default 2 MB */
  readonly readAheadBytes?: number;
  readonly signal: AbortSignal;
}

interface Task {
  readonly task: "read-source";
  readonly configuration: SourceConfiguration;
  readonly timeZone: string;
  readonly secret: unknown;
  readonly readAheadBytes: number;
}

type Message =
  | { kind: "opened"; columns: readonly string[]; readAt: number }
  | { kind: "block"; block: DesiredBlock }
  | { kind: "end" }
  | { kind: "failed"; name: string; message: string };

/** What the reading thread is told: how many bytes were consumed, or to stop. */
type Order = number | "stop";

const stopTimeoutMs = 1000;
// A small heap is collected often, which costs little here, as rows are short-lived.
const resourceLimits = { maxYoungGenerationSizeMb: 32, maxOldGenerationSizeMb: 192 };
const crossingErrors = { SourceError, CredentialError };

/**
 * Opens a source in a thread of its own, so that this one has no part in parsing and packing. The thread
 * runs this same module, or the bundle that holds it.
 *
 * @throws as `openSource` does
 */
export async function readSourceInThread(options: SourceThreadOptions): Promise<SourceReading> {
  const { configuration, timeZone, readSecret, readAheadBytes = 2_000_000, signal } = options;
  const secret = configuration.kind === "postgres" ? await readSecret(configuration.secret) : undefined;
  signal.throwIfAborted();
  const task: Task = { task: "read-source", configuration, timeZone, secret, readAheadBytes };
  // Lambda sets this for the whole process, by the function's memory, and it outdoes the thread's own limits.
  setFlagsFromString("--max-semi-space-size=4");
  const worker = new Worker(new URL(import.meta.url), { workerData: task, resourceLimits });
  const messages = on(worker, "message", { signal, close: ["exit"] });
  const close = stopper(worker, signal);
  const next = () => nextMessage(messages, signal);

  async function* blocks(): AsyncGenerator<DesiredBlock> {
    try {
      for (let message = await next(); message.kind === "block"; message = await next()) {
        // Before the consumer gets the bytes, as it may hand them to yet another thread.
        const consumed: Order = message.block.records.bytes.length;
        yield message.block;
        worker.postMessage(consumed);
      }
    } finally {
      await close();
    }
  }

  try {
    const opened = await next();
    if (opened.kind !== "opened") throw new TypeError(`the source's thread began with ${opened.kind}`);
    return { columns: opened.columns, readAt: opened.readAt, blocks, close };
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

/** Stops the thread when the signal aborts, or when it is called: gently at first, so that a query is cancelled. */
function stopper(worker: Worker, signal: AbortSignal): () => Promise<void> {
  // Whoever reads the messages is told of errors; once nobody reads, there is nobody to tell.
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

function rebuildError({ name, message }: { name: string; message: string }): Error {
  const error = new Error(message);
  const type = crossingErrors[name as keyof typeof crossingErrors] ?? Error;
  return Object.assign(Object.setPrototypeOf(error, type.prototype), { name });
}

/** The reading thread's side. */
async function serve(
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
  const tell = (message: Message, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
  const s3 = createS3Client();
  try {
    const source = await openSource(configuration, { s3, readSecret: async () => secret, signal });
    try {
      const rows = desiredRows(source.columns, timeZone);
      tell({ kind: "opened", columns: rows.fieldColumns, readAt: source.readAt });
      for await (const block of desiredBlocks(source, rows)) {
        bytesAhead += block.records.bytes.length;
        tell({ kind: "block", block }, [block.records.bytes.buffer as ArrayBuffer]);
        while (bytesAhead > readAheadBytes) await once(port, "message", { signal });
      }
    } finally {
      await source.close();
    }
    tell({ kind: "end" });
  } catch (error) {
    const { name, message } = error as Error;
    tell({ kind: "failed", name, message });
  } finally {
    s3.destroy();
    port.close();
  }
}

if (!isMainThread && parentPort !== null && workerData?.task === "read-source") {
  void serve(parentPort, workerData as Task);
}
