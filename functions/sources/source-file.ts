import { open } from "node:fs/promises";
import { addAbortSignal, Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { SourceError } from "../domain/errors.ts";

/** A file that is being read: an object of S3, or one on this machine. */
export interface SourceFile {
  /** When its content was written, in ms since the epoch. */
  readonly modifiedAt: number;
  /** Its bytes, once; @throws SourceError when fewer come than the file has. */
  readonly chunks: AsyncIterable<Buffer>;
  close(): void;
}

export interface FileAccess {
  readonly s3: S3Client;
  readonly signal: AbortSignal;
}

const chunkBytes = 1 << 18;

const problems: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder, not a file",
  EACCES: "this process may not read it",
  NoSuchBucket: "there is no such bucket",
  NoSuchKey: "there is no such object",
  AccessDenied:
    "the function may not read it, or it is not there: grant s3:GetObject on it and s3:ListBucket on its bucket",
};

/** @throws SourceError, naming the URI, when there is no such file or it can not be read */
export async function openSourceFile(uri: string, { s3, signal }: FileAccess): Promise<SourceFile> {
  try {
    const { body, bytes, modifiedAt } = await (uri.startsWith("s3://")
      ? openObject(uri, s3, signal)
      : openLocal(uri));
    addAbortSignal(signal, body);
    return {
      modifiedAt,
      chunks: wholeBody(uri, { body, bytes, signal }),
      close: () => body.destroy(),
    };
  } catch (error) {
    signal.throwIfAborted();
    throw new SourceError(uri, problemOf(error), { cause: error });
  }
}

async function openObject(uri: string, s3: S3Client, signal: AbortSignal) {
  const [bucket, ...key] = uri.slice("s3://".length).split("/");
  const command = new GetObjectCommand({ Bucket: bucket, Key: key.join("/") });
  const {
    Body: body,
    ContentLength: bytes,
    LastModified: modified,
  } = await s3.send(command, { abortSignal: signal });
  if (!(body instanceof Readable) || bytes === undefined || modified === undefined) {
    throw new Error("S3 answered without the object's bytes, their number or their date");
  }
  return { body, bytes, modifiedAt: modified.getTime() };
}

async function openLocal(uri: string) {
  const file = await open(fileURLToPath(uri));
  const { size, mtimeMs } = await file.stat();
  return {
    body: file.createReadStream({ highWaterMark: chunkBytes }),
    bytes: size,
    modifiedAt: Math.floor(mtimeMs),
  };
}

async function* wholeBody(
  uri: string,
  { body, bytes, signal }: { body: Readable; bytes: number; signal: AbortSignal },
): AsyncGenerator<Buffer> {
  let read = 0;
  try {
    for await (const chunk of body) {
      read += chunk.length;
      yield chunk;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw new SourceError(uri, `failed after ${read} of ${bytes} bytes: ${problemOf(error)}`, {
      cause: error,
    });
  }
  if (read !== bytes) throw new SourceError(uri, `ended after ${read} of ${bytes} bytes`);
}

function problemOf(error: unknown): string {
  const { name, code, message } = error as NodeJS.ErrnoException;
  return problems[code ?? name] ?? `it can not be read (${code ?? name}: ${message})`;
}
