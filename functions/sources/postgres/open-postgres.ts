import pg from "pg";
import { SourceError } from "../../domain/errors.ts";
import { openPostgresSession, type PostgresSession } from "../../platform/database/postgres-session.ts";
import type { OpenSource, SourceAccess, SourceBatch, SourceConfiguration } from "../source.ts";

const rowsPerBatch = 5000;

// It may idle, as the rows wait while the provider's list is read; the function's time limit bounds that.
const begin = `begin transaction isolation level repeatable read read only;
  set local cursor_tuple_fraction = 1; set local idle_in_transaction_session_timeout = 0`;

/**
 * Opens a query of PostgreSQL. Its rows are fetched through a cursor, so that neither side holds all of them, and show
 * one state of the database. Aborting also cancels the query on the server.
 *
 * @throws CredentialError for a secret that is malformed or refused; SourceError for a database that cannot be reached,
 *   a query that fails or is not a single select, and when there are no rows
 */
export async function openPostgres(
  { secret, query }: Extract<SourceConfiguration, { kind: "postgres" }>,
  { readSecret, signal }: Pick<SourceAccess, "readSecret" | "signal">,
): Promise<OpenSource> {
  const session = await openPostgresSession({
    secret,
    readSecret,
    begin,
    connectionError: (server, problem, options) => new SourceError(server, problem, options),
    signal,
  });
  try {
    // `declare` accepts a single select only. (pg-cursor accepts anything, and a COPY crashes its process.)
    await session.query(`declare source no scroll cursor for ${query}`);
    const first = await fetchRows(session, 0);
    if (first.fields.length === 0) throw new SourceError("the query", "selects no columns");
    if (first.rows.length === 0) throw new SourceError("the query", "returned no rows");
    return {
      columns: first.fields.map((field) => field.name),
      readAt: session.startedAt,
      batches: () => batches(session, first.rows),
      close: session.close,
    };
  } catch (error) {
    await session.close();
    throw error instanceof pg.DatabaseError ? queryRefused(error) : error;
  }
}

async function* batches(session: PostgresSession, first: SourceBatch["rows"]): AsyncGenerator<SourceBatch> {
  let read = 0;
  for (let rows = first; rows.length > 0; rows = (await fetchRows(session, read)).rows) {
    const before = read;
    read += rows.length;
    yield { rows, placeOf: (position) => `row ${before + position + 1}` };
  }
}

async function fetchRows(session: PostgresSession, read: number) {
  try {
    return await session.query(`fetch ${rowsPerBatch} from source`);
  } catch (error) {
    throw error instanceof pg.DatabaseError ? queryFailed(error, `after ${read} rows`) : error;
  }
}

/**
 * Before the first row, the server's messages on syntax and names (class 42) can only quote the query. All other
 * messages may quote a reader's data, and so may the error that contains them: hence no cause.
 */
function queryRefused(error: pg.DatabaseError): SourceError {
  const { code = "", message } = error;
  if (!code.startsWith("42")) return queryFailed(error, "before the first row");
  const hint = code === "42601" ? ". A source's query is a single select" : "";
  return new SourceError("the query", `is refused with SQLSTATE ${code}: ${message}${hint}`);
}

function queryFailed({ code }: pg.DatabaseError, when: string): SourceError {
  return new SourceError("the query", `failed ${when} with SQLSTATE ${code}`);
}
