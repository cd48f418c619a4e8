import pg from "pg";
import { CredentialError, SourceError } from "../../domain/errors.ts";
import type { ReadSecret } from "../secrets.ts";
import { type DatabaseSecret, parseDatabaseSecret, tlsOf } from "./database-secret.ts";

export interface DatabaseAccess {
  readonly readSecret: ReadSecret;
  readonly signal: AbortSignal;
}

/** A transaction that reads one state of a database. */
export interface PostgresSession {
  /** The server's time at the transaction's start, in ms since the epoch. */
  readonly readAt: number;
  /**
   * Runs one statement; its values are texts as the server writes them, a boolean `true` or `false`.
   *
   * @throws pg.DatabaseError when the server refuses it, SourceError when the connection is lost
   */
  query(text: string): Promise<pg.QueryArrayResult<(string | null)[]>>;
  close(): Promise<void>;
}

const connectTimeoutMs = 10_000;
const booleanOid = 16;

// Extended, as that takes no more than one statement. Texts, as a number or a date that JavaScript has parsed
// need not read as it did.
const statement = {
  queryMode: "extended",
  rowMode: "array" as const,
  types: {
    getTypeParser: (oid: number) => (oid === booleanOid ? (value: string) => `${value === "t"}` : String),
  } as pg.CustomTypesConfig,
};

// `set local` rather than start-up parameters, which poolers such as RDS Proxy do not take. Idle it may be, as
// the rows wait for the provider's list to be read; a function's time limit bounds that.
const begin = `begin transaction isolation level repeatable read read only;
  set local timezone = 'UTC'; set local datestyle = 'ISO'; set local cursor_tuple_fraction = 1;
  set local idle_in_transaction_session_timeout = 0`;

const refusals: Readonly<Record<string, string>> = {
  "28P01": "the server refuses its username or password",
  "28000": "the server does not let its username in",
  "3D000": "the server has no database of its dbname",
};

/**
 * Connects and begins the transaction. When the signal aborts, the statement that is running is cancelled
 * on the server, too: it might go on for minutes before it noticed that nobody listens.
 *
 * @throws CredentialError for a secret that is malformed or refused, SourceError when there is no connection
 */
export async function openSession(
  secret: string,
  { readSecret, signal }: DatabaseAccess,
): Promise<PostgresSession> {
  const database = parseDatabaseSecret(secret, await readSecret(secret));
  signal.throwIfAborted();
  const connection = connectionTo(database);
  const client = new pg.Client(connection);
  // A connection that is lost also fails the statement that is running, or the next one.
  client.on("error", () => {});
  const server = `the database ${database.host}:${database.port}`;
  const query = async (text: string) => {
    signal.throwIfAborted();
    try {
      return await client.query<(string | null)[]>({ ...statement, text });
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof pg.DatabaseError
        ? error
        : new SourceError(server, "lost the connection", { cause: error });
    }
  };
  try {
    await client.connect();
    await client.query(begin);
    const { rows } = await query("select pg_backend_pid(), floor(extract(epoch from now()) * 1000)");
    const [backend = 0, readAt = 0] = (rows[0] ?? []).map(Number);
    const cancel = () => void cancelBackend(connection, backend).finally(() => client.end());
    signal.addEventListener("abort", cancel, { once: true });
    const close = async () => {
      signal.removeEventListener("abort", cancel);
      await client.end();
    };
    return { readAt, query, close };
  } catch (error) {
    await client.end();
    signal.throwIfAborted();
    throw connectionError(error, { secret, server });
  }
}

function connectionTo(database: DatabaseSecret): pg.ClientConfig {
  return {
    host: database.host,
    port: database.port,
    user: database.username,
    password: database.password,
    database: database.dbname,
    ssl: tlsOf(database),
    application_name: "newsletter-sync",
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
  };
}

async function cancelBackend(connection: pg.ClientConfig, backend: number): Promise<void> {
  const client = new pg.Client(connection);
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("select pg_cancel_backend($1)", [backend]);
  } catch {
    // What can not be cancelled ends when the connection does.
  } finally {
    await client.end();
  }
}

function connectionError(error: unknown, { secret, server }: { secret: string; server: string }): Error {
  const { code, message } = error as { code?: string; message: string };
  const refusal = refusals[code ?? ""];
  if (refusal !== undefined) return new CredentialError(secret, refusal);
  return new SourceError(server, `can not be reached: ${message || code}`, {
    cause: error,
  });
}
