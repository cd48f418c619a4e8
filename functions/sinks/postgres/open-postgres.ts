import { SinkError } from "../../domain/errors.ts";
import { openPostgresSession, type PostgresSession } from "../../platform/database/postgres-session.ts";
import type { Sink, SinkAccess, SinkConfiguration } from "../sink.ts";
import { copyBlocks } from "./copy-blocks.ts";
import { failed, isOutcomeUnknown, refused } from "./refusals.ts";

// At the level at which an update looks again at a row that someone else has just changed: so the conditions of a
// statement hold for what the row says when it is written.
const begin = "begin transaction isolation level read committed read write";

const table = "pg_temp.changes";
const createTable = `create temporary table changes (
  address text, email text, kind text, cause text, changed_at timestamptz, guid text, fields jsonb
) on commit drop`;

const outcomeUnknown =
  "the connection ended before its answer, so the database has taken all of them or none. The next run reads it again";
const singleStatement = ". It has to be one select, insert, update, delete or merge";

/**
 * Gives returns to PostgreSQL: loads them into the temporary table `changes`, and runs each statement once, all in one
 * transaction. No value is ever part of a statement. Aborting also cancels the statement on the server.
 */
export function openPostgres(
  { secret, statements, kind: _, ...place }: Extract<SinkConfiguration, { kind: "postgres" }>,
  { readSecret, clock }: Pick<SinkAccess, "readSecret" | "clock">,
): Sink {
  return {
    async take(returns, { commit, signal }) {
      const session = await openPostgresSession({
        secret,
        place,
        readSecret,
        clock,
        begin,
        connectionError: (...details) => new SinkError(...details),
        signal,
      });
      try {
        await prepare(session, statements);
        const rows = await load(session, copyBlocks(returns, signal));
        const counts = await execute(session, statements);
        if (commit) await commitAll(session);
        return { rows, statements: counts };
      } finally {
        await session.close();
      }
    },
  };
}

/**
 * Asks the server for the plan of each statement before there is a row. It has plans only for what cannot end the
 * transaction, and what it says of a wrong statement cannot quote a reader.
 */
async function prepare(session: PostgresSession, statements: readonly string[]): Promise<void> {
  await session.query(createTable).catch(refused("the table of changes"));
  for (const [index, statement] of statements.entries()) {
    await session.execute(`explain (costs off) ${statement}`).catch(refused(nameOf(index), singleStatement));
  }
}

/** For as long as its rows come, however short the statements of this user may be. */
async function load(session: PostgresSession, blocks: AsyncIterable<Uint8Array>): Promise<number> {
  const fail = failed("the table of changes");
  await session.query("set local statement_timeout = 0");
  const rows = await session.copyIn(table, blocks).catch(fail);
  await session.query("set local statement_timeout = default");
  // Nobody else ever does it for a temporary table, and without it the server plans for a few rows.
  await session.query(`analyze ${table}`).catch(fail);
  return rows;
}

async function execute(session: PostgresSession, statements: readonly string[]): Promise<number[]> {
  const counts: number[] = [];
  for (const [index, statement] of statements.entries()) {
    counts.push(await session.execute(statement).catch(failed(nameOf(index))));
  }
  // Now rather than at the commit, so that those who only try find out, too.
  await session.query("set constraints all immediate").catch(failed("the deferred constraints"));
  return counts;
}

async function commitAll(session: PostgresSession): Promise<void> {
  try {
    await session.query("commit");
  } catch (error) {
    if (!isOutcomeUnknown(error)) failed("the commit")(error);
    throw new SinkError("the commit", outcomeUnknown);
  }
}

function nameOf(index: number): string {
  return `statement ${index + 1}`;
}
