import pg from "pg";
import { CredentialError } from "../../domain/errors.ts";
import type { ReadSecret } from "../secrets.ts";
import { type DatabaseSecret, parseDatabaseSecret, tlsOf } from "./database-secret.ts";

export interface PostgresSessionOptions {
  /** The name of the database's secret. */
  readonly secret: string;
  readonly readSecret: ReadSecret;
  /** Begins the transaction, and makes its settings with `set local`. */
  readonly begin: string;
  /** Makes the error for a server that cannot be reached, or a connection that is lost. */
  readonly connectionError: (server: string, problem: string, options: ErrorOptions) => Error;
  readonly signal: AbortSignal;
}

/** One transaction on a connection of its own. */
export interface PostgresSession {
  /** The server's time at the start of the transaction, in ms since the epoch. */
  readonly startedAt: number;
  /**
   * Runs one statement. Its values are text as the server writes it, times in UTC; a boolean is `true` or `false`.
   *
   * @throws pg.DatabaseError when the server refuses it, the `connectionError` when the connection is lost
   */
  query(text: string): Promise<pg.QueryArrayResult<(string | null)[]>>;
  /** Closes the connection; a transaction that was not committed is rolled back. */
  close(): Promise<void>;
}

const connectTimeoutMs = 10_000;
const booleanOid = 16;

// The extended protocol accepts one statement only. Values stay text, as a number or a date that JavaScript has parsed
// need not read the same.
const statement = {
  queryMode: "extended",
  rowMode: "array" as const,
  types: {
    getTypeParser: (oid: number) => (oid === booleanOid ? (value: string) => `${value === "t"}` : String),
  } as pg.CustomTypesConfig,
};

// `set local`, not start-up parameters, which poolers such as RDS Proxy do not accept.
const settings = "set local timezone = 'UTC'; set local datestyle = 'ISO'";

const refusals: Readonly<Record<string, string>> = {
  "28P01": "the server refuses its username or password",
  "28000": "the server does not accept its username",
  "3D000": "the server has no database with its dbname",
};

/**
 * Connects and begins the transaction. When the signal fires, the running statement is also cancelled on the server,
 * which might otherwise take minutes to notice that the client is gone.
 *
 * @throws CredentialError for a secret that is malformed or refused, the `connectionError` when connecting fails
 */
export async function openPostgresSession(options: PostgresSessionOptions): Promise<PostgresSession> {
  const { secret, readSecret, begin, connectionError, signal } = options;
  const database = parseDatabaseSecret(secret, await readSecret(secret));
  signal.throwIfAborted();
  const connection = connectionTo(database);
  const client = new pg.Client(connection);
  // A lost connection also fails the running statement, or the next one.
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
        : connectionError(server, "lost the connection", { cause: error });
    }
  };
  try {
    await client.connect();
    await client.query(`${begin}; ${settings}`);
    const { rows } = await query("select pg_backend_pid(), floor(extract(epoch from now()) * 1000)");
    const [backend = 0, startedAt = 0] = (rows[0] ?? []).map(Number);
    const cancel = () => void cancelBackend(connection, backend).finally(() => client.end());
    signal.addEventListener("abort", cancel, { once: true });
    const close = async () => {
      signal.removeEventListener("abort", cancel);
      await client.end();
    };
    return { startedAt, query, close };
  } catch (error) {
    await client.end();
    signal.throwIfAborted();
    const { code = "", message } = error as { code?: string; message: string };
    const refusal = refusals[code];
    if (refusal !== undefined) throw new CredentialError(secret, refusal);
    throw connectionError(server, `cannot be reached: ${message || code}`, { cause: error });
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
    // A statement that cannot be cancelled ends with its connection.
  } finally {
    await client.end();
  }
}
