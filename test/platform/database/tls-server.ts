import { chownSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { type EmbeddedPostgres, startPostgres } from "../../../infra/local/embedded-postgres.ts";
import type { Identity } from "./certificates.ts";

/** A PostgreSQL server that accepts encrypted connections alone. */
export interface TlsServer {
  readonly secret: EmbeddedPostgres["secret"];
  /** Shows another certificate from the next connection on. */
  present(identity: Identity): Promise<void>;
  /** Creates a user, who sends the password as text, as RDS lets a user of IAM send a token. */
  createUser(name: string, password: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startTlsServer(identity: Identity): Promise<TlsServer> {
  const server = await startPostgres();
  const admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  const folder = await setting("data_directory");
  /** PostgreSQL accepts a key only if the user that runs it owns it, and nobody else can read it. */
  const write = (name: string, text: string) => {
    const path = join(folder, name);
    const { uid, gid } = statSync(folder);
    writeFileSync(path, text, { mode: 0o600 });
    chownSync(path, uid, gid);
  };
  const present = async ({ key, certificate }: Identity) => {
    write("server.key", key);
    write("server.crt", certificate);
    await reload();
  };
  await admin.query("alter system set ssl = on");
  write("pg_hba.conf", "hostssl all /^iam_ all password\nhostssl all all all scram-sha-256\n");
  await present(identity);
  return {
    secret: server.secret,
    present,
    async createUser(name, password) {
      await admin.query(`create user ${name} password ${pg.escapeLiteral(password)}`);
    },
    async stop() {
      await admin.end();
      await server.stop();
    },
  };

  async function setting(name: string): Promise<string> {
    const { rows } = await admin.query<Record<string, string>>(`show ${name}`);
    return rows[0]?.[name] ?? "";
  }

  /** The server rereads its files a moment after it is told to. */
  async function reload(): Promise<void> {
    const loadedAt = async () => {
      const { rows } = await admin.query<{ loaded: string }>("select pg_conf_load_time()::text as loaded");
      return rows[0]?.loaded;
    };
    const before = await loadedAt();
    await admin.query("select pg_reload_conf()");
    while ((await loadedAt()) === before);
  }
}
