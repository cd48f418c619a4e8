import { open } from "node:fs/promises";
import { addAbortSignal, Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { SourceError } from "../../domain/errors.ts";
import { nameOf } from "../../domain/unforeseen-error.ts";
import type { SourceAccess } from "../source.ts";

/** An open file: an object in S3, or a file on this machine. */
export interface SourceFile {
  /** In ms since the epoch. */
  readonly modifiedAt: number;
  /** Can be read once. @throws SourceError when the file ends before its declared length */
  readonly chunks: AsyncIterable<Buffer>;
  close(): void;
}

type FileAccess = Pick<SourceAccess, "s3" | "signal">;

interface Content {
  readonly modifiedAt: number;
  readonly bytes: number;
  readonly body: Readable;
  /** The same content from a byte on. Without it, a broken stream is an error. */
  resume?(from: number): Promise<Readable>;
}

const chunkBytes = 1 << 18;

const problems: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "this is a folder, not a file",
  EACCES: "this process may not read it",
  NoSuchBucket: "there is no such bucket",
  NoSuchKey: "there is no such object",
  AccessDenied:
    "it does not exist, or the function may not read it: that takes s3:GetObject, and s3:ListBucket to know which",
  PreconditionFailed: "it was replaced while it was read",
};

/** @throws SourceError naming the URI when the file does not exist or cannot be read */
export async function openSourceFile(uri: string, access: FileAccess): Promise<SourceFile> {
  const closing = new AbortController();
  const signal = AbortSignal.any([access.signal, closing.signal]);
  try {
    const content = await (uri.startsWith("s3://") ? openObject(uri, { ...access, signal }) : openLocal(uri));
    destroyOnAbort(content.body, signal);
    const chunks = wholeContent(uri, content, signal);
    return { modifiedAt: content.modifiedAt, chunks, close: () => closing.abort() };
  } catch (error) {
    signal.throwIfAborted();
    throw unreadable(uri, error);
  }
}

async function openLocal(uri: string): Promise<Content> {
  const file = await open(fileURLToPath(uri));
  const { size, mtimeMs } = await file.stat();
  const body = file.createReadStream({ highWaterMark: chunkBytes });
  return { modifiedAt: Math.floor(mtimeMs), bytes: size, body };
}

async function openObject(uri: string, { s3, signal }: FileAccess): Promise<Content> {
  const [bucket, ...path] = uri.slice("s3://".length).split("/");
  const get = async (part?: { IfMatch: string | undefined; Range: string }) => {
    const command = new GetObjectCommand({ Bucket: bucket, Key: path.join("/"), ...part });
    const response = await s3.send(command, { abortSignal: signal });
    const { Body: body, ContentLength: bytes, LastModified: modified, ETag: etag } = response;
    if (body instanceof Readable && bytes !== undefined && modified) return { body, bytes, modified, etag };
    throw new SourceError(uri, "S3 answered without the object's body, length or date");
  };
  const { body, bytes, modified, etag } = await get();
  // S3 closes the connection of a slow reader, and this one waits while the provider's list is read.
  const resume = async (from: number) => {
    const rest = await get({ IfMatch: etag, Range: `bytes=${from}-` });
    if (rest.bytes === bytes - from) return rest.body;
    throw new SourceError(uri, "S3 answered with another range");
  };
  return { modifiedAt: modified.getTime(), bytes, body, resume };
}

async function* wholeContent(uri: string, content: Content, signal: AbortSignal): AsyncGenerator<Buffer> {
  const { bytes, resume } = content;
  let { body } = content;
  let read = 0;
  for (;;) {
    const from = read;
    let cause: unknown;
    try {
      for await (const chunk of body) {
        read += chunk.length;
        yield chunk;
      }
      if (read === bytes) return;
    } catch (error) {
      cause = error;
    }
    signal.throwIfAborted();
    if (resume === undefined || read === from || read >= bytes) {
      const why = cause === undefined ? "" : `: ${problemOf(cause)}`;
      throw new SourceError(uri, `${read} of its ${bytes} bytes could be read${why}`, { cause });
    }
    const rest = await resume(read).catch((error: unknown) => {
      signal.throwIfAborted();
      throw unreadable(uri, error);
    });
    body = destroyOnAbort(rest, signal);
  }
}

/** The error goes to the reader of the body. The listener is for a body that nobody reads. */
function destroyOnAbort(body: Readable, signal: AbortSignal): Readable {
  return addAbortSignal(signal, body).on("error", () => {});
}

function unreadable(uri: string, error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  return new SourceError(uri, `it cannot be read: ${problemOf(error)}`, { cause: error });
}

function problemOf(error: unknown): string {
  if (error instanceof Error && error.message.startsWith("Checksum mismatch")) return "Checksum mismatch";
  const name = nameOf(error);
  return problems[name] ?? `${name}, for which no cause is known here`;
}
