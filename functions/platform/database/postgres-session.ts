import pg from "pg";
import { CredentialError } from "../../domain/errors.ts";
import type { Clock } from "../clock.ts";
import type { ReadSecret } from "../secrets.ts";
import { unlessAborted } from "../unless-aborted.ts";
import { connectPostgres } from "./connect-postgres.ts";
import { problemOf, refusalOf } from "./connect-refusal.ts";
import { copyIn } from "./copy-in.ts";
import { copyOut } from "./copy-out.ts";
import { type DatabasePlace, type DatabaseSecret, parseDatabaseSecret } from "./database-secret.ts";
import { createIamToken } from "./iam-token.ts";
import { executeStatement, queryStatement } from "./run-statement.ts";
import { tlsOf } from "./tls.ts";

export interface PostgresSessionOptions {
  /** The name of the database's secret. */
  readonly secret: string;
  /** What the secret may not say. */
  readonly place: DatabasePlace;
  readonly readSecret: ReadSecret;
  readonly clock: Clock;
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
  /**
   * Runs one statement and discards the rows that it yields.
   *
   * @returns how many rows it changed, or yielded
   * @throws as `query` does
   */
  execute(text: string): Promise<number>;
  /**
   * Runs a single select and yields its rows as PostgreSQL's COPY writes them, as text, in blocks of whole rows. Whoever
   * calls it has made sure that it is a single select: `query` refuses more than one statement, not a parenthesis.
   *
   * @throws as `query` does
   */
  copyOut(select: string): AsyncGenerator<Buffer>;
  /**
   * Fills a table with rows as PostgreSQL's COPY writes them, as text. An error of the blocks is thrown unchanged, and then
   * the session can only be closed.
   *
   * @returns how many rows there were
   * @throws as `query` does
   */
  copyIn(table: string, blocks: AsyncIterable<Uint8Array>): Promise<number>;
  /** Closes the connection; a transaction that was not committed is rolled back. */
  close(): Promise<void>;
}

/** A database of Aurora that was paused answers its first connection after some 15 seconds. */
const connectTimeoutMs = 20_000;
/** An aborted run has some seconds left, whether or not the server can be reached. */
const cancelTimeoutMs = 2_000;

// `set local`, not start-up parameters, which poolers such as RDS Proxy do not accept.
const settings = "set local timezone = 'UTC'; set local datestyle = 'ISO'";

/**
 * Connects, for a minute if the database has to wake, and begins the transaction. When the signal fires, the running
 * statement is also cancelled on the server, which might otherwise take minutes to notice that the client is gone.
 *
 * @throws CredentialError for a secret that is malformed or refused, the `connectionError` when connecting fails
 */
export async function openPostgresSession(options: PostgresSessionOptions): Promise<PostgresSession> {
  const { secret, place, readSecret, clock, begin, connectionError, signal } = options;
  const value = await unlessAborted(readSecret(secret), signal);
  signal.throwIfAborted();
  const database = parseDatabaseSecret(secret, value, place);
  const connection = connectionTo(database, clock);
  const server = `the database ${database.host}:${database.port}`;
  const failure = (error: unknown) => {
    signal.throwIfAborted();
    if (error instanceof pg.DatabaseError) return error;
    return connectionError(server, "lost the connection", { cause: error });
  };
  let client: pg.Client | undefined;
  try {
    client = await connectPostgres(connection, options);
    // A pooler lets a client in before it has a connection to the server.
    const { backend, startedAt } = await unlessAborted(beginTransaction(client, begin), signal);
    const cancel = () => void cancelBackend(connection, backend).finally(() => client?.end());
    signal.addEventListener("abort", cancel, { once: true });
    const close = async () => {
      signal.removeEventListener("abort", cancel);
      // The transaction is over: whether the server says goodbye changes nothing.
      await unlessAborted(client!.end(), signal).catch(() => undefined);
    };
    return { ...sessionOf(client, failure), startedAt, close };
  } catch (error) {
    await client?.end();
    signal.throwIfAborted();
    const refusal = refusalOf(error as Error, database);
    if (refusal !== undefined) throw new CredentialError(secret, refusal);
    throw connectionError(server, `cannot be reached: ${problemOf(error as Error, database)}`, {
      cause: error,
    });
  }
}

async function beginTransaction(client: pg.Client, begin: string) {
  await client.query(`${begin}; ${settings}`);
  const identify = "select pg_backend_pid(), floor(extract(epoch from now()) * 1000)";
  const { rows } = await queryStatement(client, identify);
  const [backend = 0, startedAt = 0] = (rows[0] ?? []).map(Number);
  return { backend, startedAt };
}

function sessionOf(
  client: pg.Client,
  failure: (error: unknown) => Error,
): Omit<PostgresSession, "startedAt" | "close"> {
  const fail = (error: unknown) => {
    throw failure(error);
  };
  return {
    query: (text) => queryStatement(client, text).catch(fail),
    execute: (text) => executeStatement(client, text).catch(fail),
    async *copyOut(select) {
      try {
        yield* copyOut(client, `copy (${select}\n) to stdout`);
      } catch (error) {
        fail(error);
      }
    },
    async copyIn(table, blocks) {
      const copy = copyIn(client, `copy ${table} from stdin`);
      for await (const block of blocks) await copy.write(block).catch(fail);
      return await copy.end().catch(fail);
    },
  };
}

function connectionTo(database: DatabaseSecret, clock: Clock): pg.ClientConfig {
  return {
    host: database.host,
    port: database.port,
    user: database.username,
    // Asked for at each connection, as a token is soon too old for another one.
    password:
      database.authentication === "iam" ? () => createIamToken(database, clock.now()) : database.password,
    database: database.dbname,
    ssl: tlsOf(database),
    application_name: "newsletter-sync",
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
  };
}

async function cancelBackend(connection: pg.ClientConfig, backend: number): Promise<void> {
  const bounds = { connectionTimeoutMillis: cancelTimeoutMs, query_timeout: cancelTimeoutMs };
  const client = new pg.Client({ ...connection, ...bounds });
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
