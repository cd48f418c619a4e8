import pg from "pg";
import { SinkError } from "../../domain/errors.ts";
import { describeSqlState } from "../../platform/database/sql-state.ts";

/** Throws what an error of the server means; any other error unchanged. */
type Rethrow = (error: unknown) => never;

const syntaxError = "42601";
/** The server or the connection ended, and what it was doing may be done. */
const endedCode = /^(08|57P|40003)/;

/**
 * Of a statement that is not run yet. The server's messages on syntax and names (class 42) can then quote only the
 * statement; with a context, a function of the database has raised them, and may have quoted anything.
 *
 * @param hint follows a syntax error
 */
export function refused(place: string, hint = ""): Rethrow {
  return (error) => {
    if (!(error instanceof pg.DatabaseError)) throw error;
    const { code = "", message, where } = error;
    if (!code.startsWith("42") || where !== undefined) return failed(place)(error);
    const problem = `is refused with ${describeSqlState(code)}: ${message}`;
    throw new SinkError(place, code === syntaxError ? problem + hint : problem);
  };
}

/**
 * Of a statement that runs. Every message may quote a reader now, of class 42 too: one that casts a text to a regclass
 * says which relation does not exist. So it tells names alone, and has no cause.
 */
export function failed(place: string): Rethrow {
  return (error) => {
    if (!(error instanceof pg.DatabaseError)) throw error;
    throw new SinkError(place, `failed with ${describeSqlState(error.code)}${culpritOf(error)}`);
  };
}

/** Whether a commit that fails like this may have succeeded. */
export function isOutcomeUnknown(error: unknown): error is Error {
  if (error instanceof pg.DatabaseError) return endedCode.test(error.code ?? "");
  return error instanceof SinkError;
}

/** With a context, a function of the database may have put anything in the place of the names. */
function culpritOf({ where, constraint, column, table }: pg.DatabaseError): string {
  if (where !== undefined) return "";
  const names = Object.entries({ constraint, column, table }).filter(([, name]) => name !== undefined);
  return names.map(([kind, name]) => ` of the ${kind} "${name}"`).join("");
}
