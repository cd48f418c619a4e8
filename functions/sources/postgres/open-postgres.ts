import pg from "pg";
import { SourceError } from "../../domain/errors.ts";
import {
  type DatabaseAccess,
  openSession,
  type PostgresSession,
} from "../../platform/database/postgres-session.ts";
import type { OpenSource, SourceBatch, SourceConfiguration } from "../source.ts";

const rowsPerBatch = 5000;

/**
 * Opens a query of PostgreSQL. Its rows come through a cursor of the server, so that neither side holds them
 * all, and show the state of the database at `readAt`. Aborting cancels the query on the server.
 *
 * @throws CredentialError for a secret that is malformed or refused; SourceError for a database that can not
 * be reached, a query that fails or is not one select, and for no rows
 */
export async function openPostgres(
  { secret, query }: Extract<SourceConfiguration, { kind: "postgres" }>,
  access: DatabaseAccess,
): Promise<OpenSource> {
  const session = await openSession(secret, access);
  try {
    // `declare` takes one select and nothing else. (pg-cursor takes all, and a COPY crashes its process.)
    await session.query(`declare source no scroll cursor for ${query}`);
    const first = await fetchRows(session, 0);
    if (first.fields.length === 0) throw new SourceError("the query", "selects no columns");
    if (first.rows.length === 0) throw new SourceError("the query", "returned no rows");
    return {
      columns: first.fields.map((field) => field.name),
      readAt: session.readAt,
      batches: () => batches(session, first.rows),
      close: session.close,
    };
  } catch (error) {
    await session.close();
    throw error instanceof pg.DatabaseError ? refused(error) : error;
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
    throw error instanceof pg.DatabaseError ? failed(error, `after ${read} rows`) : error;
  }
}

/**
 * Before a row is read, the server's words on syntax and names (class 42) can only quote the query. All its
 * other words may quote a reader's data, and so may the error that holds them: hence no cause.
 */
function refused(error: pg.DatabaseError): SourceError {
  const { code = "", message } = error;
  if (!code.startsWith("42")) return failed(error, "before the first row");
  const hint = code === "42601" ? ". A source's query is one select" : "";
  return new SourceError("the query", `is refused with SQLSTATE ${code}: ${message}${hint}`);
}

function failed({ code }: pg.DatabaseError, when: string): SourceError {
  return new SourceError("the query", `failed ${when} with SQLSTATE ${code}`);
}
