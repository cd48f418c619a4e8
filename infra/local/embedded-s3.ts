import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type BuildAppOptions, buildApp } from "fauxqs";
import { enforceConditions, type S3Store } from "./s3-conditions.ts";

/** An S3 that belongs to this process; clients need `url` and any credentials. */
export interface EmbeddedS3 {
  readonly url: string;
  stop(): Promise<void>;
}

const maxUploadBytes = 5 * 1024 ** 3;

/**
 * Starts an S3 that only this machine can reach. Presigned URLs work, but no signature is checked.
 *
 * @param options.directory keeps buckets and objects as files from one start to the next, for one process at a
 *   time; without it they are kept in memory
 * @param options.buckets created if they do not exist; clients may create more
 */
export async function startEmbeddedS3({
  directory,
  buckets = [],
}: {
  readonly directory?: string;
  readonly buckets?: readonly string[];
} = {}): Promise<EmbeddedS3> {
  const unlock = directory === undefined ? () => {} : lock(directory);
  const store = await openStore(directory);
  for (const bucket of buckets) store.createBucket(bucket);
  const app = buildApp({ logger: false, stores: { s3Store: store } as BuildAppOptions["stores"] & object });
  // fauxqs accepts no more than 11 MiB at once, S3 5 GiB.
  app.removeContentTypeParser("*");
  const parser = { parseAs: "buffer", bodyLimit: maxUploadBytes } as const;
  app.addContentTypeParser("*", parser, (_request, body, done) => done(null, body));
  enforceConditions(app, store);
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  return {
    url,
    stop: async () => {
      await app.close();
      unlock();
    },
  };
}

/**
 * fauxqs exports neither its store nor its persistence. Its own start function has both, but listens to the whole
 * network and takes no hooks. So the files inside the package are imported.
 */
async function openStore(directory: string | undefined): Promise<S3Store> {
  const inside = (path: string) => import(new URL(path, import.meta.resolve("fauxqs")).href);
  const { S3Store } = await inside("s3/s3Store.js");
  const store: S3Store = new S3Store();
  if (directory === undefined) return store;
  // Uploads that an earlier run left unfinished would all be read into memory.
  rmSync(join(directory, "_multipart"), { recursive: true, force: true });
  const { FileS3Persistence } = await inside("s3/fileS3Persistence.js");
  const files = new FileS3Persistence(directory);
  files.loadS3(store);
  store.persistence = files;
  return store;
}

/**
 * Two servers on one directory would not see each other's objects, nor each other's locks. SQLite takes the
 * operating system's file lock for us, which is released when the process ends, however it ends.
 */
function lock(directory: string): () => void {
  mkdirSync(directory, { recursive: true });
  const database = new DatabaseSync(join(directory, "lock"));
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    database.close();
    throw new Error(`another process is using ${directory}: try again when it has finished`, { cause });
  }
  return () => database.close();
}
