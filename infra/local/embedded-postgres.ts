import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { chownSync, mkdtempSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type PostgresUser, postgresBinaries } from "./postgres-binaries.ts";

/** A PostgreSQL server of this process's own. */
export type EmbeddedPostgres = {
  url: string;
  host: string;
  port: number;
  /** How to connect, in the shape that RDS writes into a secret. */
  secret: {
    engine: string;
    host: string;
    port: number;
    username: string;
    password: string;
    dbname: string;
  };
  /** Stops the server and removes all it wrote. */
  stop(): Promise<void>;
};

const host = "127.0.0.1";
const environment = { LC_ALL: "C", TZ: "UTC" };

/** Nothing has to survive a crash, so nothing waits for the disk. */
const settings = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "timezone=UTC"];

/** Starts an empty PostgreSQL 18 that only this machine reaches, and that only `url` opens. */
export async function startPostgres(): Promise<EmbeddedPostgres> {
  // PostgreSQL refuses root; any other numeric user will do, whether or not the machine has a name for it.
  const isRoot = process.getuid?.() === 0;
  const user: PostgresUser = isRoot ? { uid: 65534, gid: 65534 } : {};
  const folder = mkdtempSync(join(isRoot ? "/tmp" : tmpdir(), "newsletter-sync-postgres-"));
  const cleanUp = cleanUpAfterThisProcess(folder);
  try {
    if (isRoot) chownSync(folder, 65534, 65534);
    const binaries = postgresBinaries(user, join(folder, "install"));
    const password = randomUUID();
    await initialise({ binaries, folder, user, password });
    const port = await freePort();
    const server = launch({ binaries, folder, user, port });
    await ready(server);
    const secret = { engine: "postgres", host, port, username: "postgres", password, dbname: "postgres" };
    return {
      url: `postgres://postgres:${password}@${host}:${port}/postgres`,
      host,
      port,
      secret,
      stop: async () => {
        if (server.exitCode === null && server.kill("SIGINT")) await once(server, "exit");
        await cleanUp();
      },
    };
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

/**
 * A shell of its own session waits for this process to close a pipe, or to end, be it killed; then it ends
 * the server that may still be there and removes the folder.
 *
 * @returns does it now
 */
function cleanUpAfterThisProcess(folder: string): () => Promise<void> {
  const script = `cat; kill -QUIT "$(head -n 1 "$0/data/postmaster.pid")"; rm -rf "$0"`;
  const shell = spawn("/bin/sh", ["-c", script, folder], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  const ended = once(shell, "exit");
  return async () => {
    shell.stdin.end();
    await ended;
  };
}

type Place = { binaries: string; folder: string; user: PostgresUser };

async function initialise({ binaries, folder, user, password }: Place & { password: string }) {
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, password);
  const options = ["--username=postgres", `--pwfile=${passwordFile}`, "--auth=scram-sha-256"];
  const locale = ["--encoding=UTF8", "--locale=C"];
  const args = ["-D", join(folder, "data"), ...options, ...locale, "--no-sync", "--no-instructions"];
  await promisify(execFile)(join(binaries, "initdb"), args, { ...user, env: environment, cwd: folder });
}

function launch({ binaries, folder, user, port }: Place & { port: number }): ChildProcess {
  const address = [`listen_addresses=${host}`, `port=${port}`, "unix_socket_directories="];
  const args = [...address, ...settings].flatMap((setting) => ["-c", setting]);
  return spawn(join(binaries, "postgres"), ["-D", join(folder, "data"), ...args], {
    ...user,
    env: environment,
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
}

async function ready(server: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let log = "";
  const watchStart = (chunk: Buffer) => {
    log += chunk;
    if (log.includes("ready to accept connections")) resolve();
  };
  server.stderr?.on("data", watchStart);
  server.once("error", reject);
  server.once("exit", (code) => reject(new Error(`PostgreSQL ended with status ${code}: ${log}`)));
  await promise;
  server.stderr?.off("data", watchStart).resume();
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, host);
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
