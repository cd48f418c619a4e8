import pg from "pg";
import { SourceError } from "../domain/errors.ts";
import { type DatabaseAccess, openSession, type PostgresSession } from "./postgres-session.ts";
import type { OpenSource, SourceBatch, SourceConfiguration } from "./source.ts";

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
    await session.query(`declare source no scroll cursor for ${query}`).catch(throwRefusal);
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
    access.signal.throwIfAborted();
    throw error;
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
  return await session.query(`fetch ${rowsPerBatch} from source`).catch((error: Error) => {
    const problem = error instanceof pg.DatabaseError ? `SQLSTATE ${error.code}` : error.message;
    throw new SourceError("the query", `failed after ${read} rows: ${problem}`);
  });
}

/**
 * No row has been read yet, so the server's words on syntax and names (class 42) can only quote the query.
 * Any others, and all of them later, may quote a reader's data, as may the error itself: hence no cause.
 */
function throwRefusal(error: Error): never {
  const { code = "", message } = error instanceof pg.DatabaseError ? error : { message: error.message };
  const words = code.startsWith("42")
  const hint = code === "42601" ? ". The query of a source is one select" : "";
  throw new SourceError("the query", `${problem}${hint}`);
}
