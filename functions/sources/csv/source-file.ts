import { open } from "node:fs/promises";
import { addAbortSignal, Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { SourceError } from "../../domain/errors.ts";

/** A file that is being read: an object of S3, or one on this machine. */
export interface SourceFile {
  /** When its content was written, in ms since the epoch. */
  readonly modifiedAt: number;
  /** Its bytes, once; @throws SourceError when there are not as many as the file is said to have */
  readonly chunks: AsyncIterable<Buffer>;
  close(): void;
}

export interface FileAccess {
  readonly s3: S3Client;
  readonly signal: AbortSignal;
}

interface Content {
  readonly modifiedAt: number;
  readonly bytes: number;
  readonly body: Readable;
  /** The same content from a byte on. Without it, a reading that breaks off is lost. */
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
    "it is not there, or the function may not read it: that takes s3:GetObject, and s3:ListBucket to tell",
  PreconditionFailed: "it was replaced while it was read",
};

/** @throws SourceError naming the URI when there is no such file, or it can not be read */
export async function openSourceFile(uri: string, access: FileAccess): Promise<SourceFile> {
  const closing = new AbortController();
  const signal = AbortSignal.any([access.signal, closing.signal]);
  try {
    const content = await (uri.startsWith("s3://") ? openObject(uri, { ...access, signal }) : openLocal(uri));
    abortable(content.body, signal);
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
    const answer = await s3.send(command, { abortSignal: signal });
    const { Body: body, ContentLength: bytes, LastModified: modified, ETag: tag } = answer;
    if (body instanceof Readable && bytes !== undefined && modified) return { body, bytes, modified, tag };
    throw new Error("S3 answered without the object's body, length or date");
  };
  const { body, bytes, modified, tag } = await get();
  // S3 hangs up on who reads too slowly, and here the reading waits for the provider's list to be read.
  const resume = async (from: number) => {
    const rest = await get({ IfMatch: tag, Range: `bytes=${from}-` });
    if (rest.bytes === bytes - from) return rest.body;
    throw new Error("S3 answered with another range");
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
    body = abortable(rest, signal);
  }
}

/** Aborting destroys the body; whoever reads it is told, and when nobody does the error has no one to go to. */
function abortable(body: Readable, signal: AbortSignal): Readable {
  return addAbortSignal(signal, body).on("error", () => {});
}

function unreadable(uri: string, error: unknown): SourceError {
  return new SourceError(uri, `it can not be read: ${problemOf(error)}`, { cause: error });
}

function problemOf(error: unknown): string {
  const { name, code = name, message } = error as NodeJS.ErrnoException;
  return problems[code] ?? `${message} (${code})`;
}
