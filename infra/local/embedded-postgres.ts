import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { chownSync, mkdtempSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type PostgresUser, postgresBinaries } from "./postgres-binaries.ts";

/** A PostgreSQL server that belongs to this process. */
export interface EmbeddedPostgres {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** How to connect, in the shape in which RDS writes a secret. */
  readonly secret: {
    readonly engine: string;
    readonly host: string;
    readonly port: number;
    readonly username: string;
    readonly password: string;
    readonly dbname: string;
  };
  /** Stops the server and removes everything it wrote. */
  stop(): Promise<void>;
}

const host = "127.0.0.1";
const environment = { LC_ALL: "C", TZ: "UTC" };

/** Nothing has to survive a crash, so nothing has to wait for the disk. */
const settings = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "timezone=UTC"];

/** Starts an empty PostgreSQL 18 that only this machine can reach, and only with the password in `url`. */
export async function startPostgres(): Promise<EmbeddedPostgres> {
  // PostgreSQL refuses to run as root; any other numeric user will do, even one without a name.
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
    await whenReady(server);
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
 * A shell in a session of its own waits until this process closes a pipe or ends, even if it is killed. Then it
 * stops the server, if that is still running, and removes the folder.
 *
 * @returns a function that has it done at once
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

interface Installation {
  readonly binaries: string;
  /** Holds the data, and is removed with it. */
  readonly folder: string;
  readonly user: PostgresUser;
}

async function initialise({ binaries, folder, user, password }: Installation & { password: string }) {
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, password);
  const options = ["--username=postgres", `--pwfile=${passwordFile}`, "--auth=scram-sha-256"];
  const locale = ["--encoding=UTF8", "--locale=C"];
  const args = ["-D", join(folder, "data"), ...options, ...locale, "--no-sync", "--no-instructions"];
  await promisify(execFile)(join(binaries, "initdb"), args, { ...user, env: environment, cwd: folder });
}

function launch({ binaries, folder, user, port }: Installation & { port: number }): ChildProcess {
  const address = [`listen_addresses=${host}`, `port=${port}`, "unix_socket_directories="];
  const args = [...address, ...settings].flatMap((setting) => ["-c", setting]);
  return spawn(join(binaries, "postgres"), ["-D", join(folder, "data"), ...args], {
    ...user,
    env: environment,
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
}

async function whenReady(server: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let log = "";
  const onChunk = (chunk: Buffer) => {
    log += chunk;
    if (log.includes("ready to accept connections")) resolve();
  };
  server.stderr?.on("data", onChunk);
  server.once("error", reject);
  server.once("exit", (code) => reject(new Error(`PostgreSQL ended with status ${code}: ${log}`)));
  await promise;
  server.stderr?.off("data", onChunk).resume();
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, host);
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
