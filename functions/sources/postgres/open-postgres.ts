import pg from "pg";
import { SourceError } from "../../domain/errors.ts";
import { openPostgresSession, type PostgresSession } from "../../platform/database/postgres-session.ts";
import { describeSqlState } from "../../platform/database/sql-state.ts";
import type { OpenSource, SourceAccess, SourceConfiguration } from "../source.ts";
import { CopyBatch } from "./copy-batch.ts";

const booleanOid = 16;

// The statement lasts as long as the provider's list is being read, as its rows wait meanwhile, and before it the
// transaction may idle; the function's time limit bounds both.
const begin = `begin transaction isolation level repeatable read read only;
  set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0`;

/** A semicolon at the end, and comments after it if there is no sign in them of something else. */
const ending = /;(\s|--[^\n'"$*]*(\n|$)|\/\*[^'"$*]*\*\/|;)*$/;
const singleSelect = ". A source's query is a single select";

/**
 * Opens a query of PostgreSQL. Its rows arrive by COPY, at the pace at which they are read, and show one state of the
 * database. Aborting also cancels the query on the server.
 *
 * @throws CredentialError for a secret that is malformed or refused; SourceError for a database that cannot be reached,
 *   a query that fails or is not a single select, and when there are no rows
 */
export async function openPostgres(
  { secret, query, ...place }: Extract<SourceConfiguration, { kind: "postgres" }>,
  { readSecret, clock, signal }: Pick<SourceAccess, "readSecret" | "clock" | "signal">,
): Promise<OpenSource> {
  const session = await openPostgresSession({
    secret,
    place,
    readSecret,
    clock,
    begin,
    connectionError: (server, problem, options) => new SourceError(server, problem, options),
    signal,
  });
  try {
    const fields = await describe(session, query);
    if (fields.length === 0) throw new SourceError("the query", "selects no columns");
    const batches = copyBatches(session, selectOf(query, fields), fields.length);
    const first = await batches.next();
    if (first.done) throw new SourceError("the query", "returned no rows");
    return {
      columns: fields.map((field) => field.name),
      readAt: session.startedAt,
      batches: async function* () {
        yield first.value;
        yield* batches;
      },
      close: session.close,
    };
  } catch (error) {
    await session.close();
    throw error;
  }
}

/**
 * Declares a cursor, which accepts a single select only and nothing that writes, to learn the columns. COPY alone would
 * also accept what closes its parenthesis.
 */
async function describe(session: PostgresSession, query: string): Promise<pg.FieldDef[]> {
  try {
    await session.query(`declare source no scroll cursor for ${query}`);
    const { fields } = await session.query("fetch 0 from source");
    await session.query("close source");
    return fields;
  } catch (error) {
    throw error instanceof pg.DatabaseError ? queryRefused(error) : error;
  }
}

/** The query with its booleans as `true` and `false`, where COPY would write `t` and `f`. */
function selectOf(query: string, fields: readonly pg.FieldDef[]): string {
  const select = query.replace(ending, "");
  if (fields.every((field) => field.dataTypeID !== booleanOid)) return select;
  const names = fields.map((_, index) => `c${index}`);
  const values = fields.map(
    ({ dataTypeID }, index) => `c${index}${dataTypeID === booleanOid ? "::text" : ""}`,
  );
  return `select ${values.join(", ")} from (${select}\n) as source(${names.join(", ")})`;
}

async function* copyBatches(
  session: PostgresSession,
  select: string,
  columns: number,
): AsyncGenerator<CopyBatch> {
  let rowsBefore = 0;
  try {
    for await (const bytes of session.copyOut(select)) {
      const batch = new CopyBatch(bytes, { columns, rowsBefore });
      yield batch;
      rowsBefore = batch.rowNumber;
    }
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    const hint =
      error.code === "42601" && error.position !== undefined ? ": nothing may follow its semicolon" : "";
    throw queryFailed(error, `after ${rowsBefore} rows`, hint);
  }
}

/**
 * Before the first row, the server's messages on syntax and names (class 42) can only quote the query. All other
 * messages may quote a reader's data, and so may the error that contains them: hence no cause.
 */
function queryRefused(error: pg.DatabaseError): SourceError {
  const { code = "", message, where } = error;
  // With a context, a function of the database has raised it, and may have quoted anything.
  if (!code.startsWith("42") || where !== undefined) return queryFailed(error, "before the first row");
  const hint = code === "42601" ? singleSelect : "";
  return new SourceError("the query", `is refused with ${describeSqlState(code)}: ${message}${hint}`);
}

function queryFailed({ code }: pg.DatabaseError, when: string, hint = ""): SourceError {
  return new SourceError("the query", `failed ${when} with ${describeSqlState(code)}${hint}`);
}
