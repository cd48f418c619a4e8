import pg from "pg";
import type { DatabaseSecret } from "./database-secret.ts";
import { describeSqlState } from "./sql-state.ts";
import { tlsHint } from "./tls.ts";

type ConnectError = Error & { readonly code?: string | undefined };

const refusals: Readonly<Record<string, string>> = {
  "28P01": "the server refuses its username or password",
  "28000": "the server does not accept its username",
  "3D000": "the server has no database with its dbname",
};
const iamRefusal =
  "the server refuses the IAM authentication of its username: that user needs the database's role rds_iam, and the " +
  "function's role the permission rds-db:connect for that user";

/** What is wrong with the secret, if the server answers and refuses the connection; undefined for any other failure. */
export function refusalOf(error: ConnectError, database: DatabaseSecret): string | undefined {
  const { code = "", message } = error;
  if (code === "28000" && message.includes("no encryption")) {
    return 'the server accepts only encrypted connections, which its "ssl" or "sslmode" turns off';
  }
  return isIamRefused(error, database) ? undefined : refusals[code];
}

/** The words of Node, pg or the server: of a connection they name hosts, users and databases, never a row. */
export function problemOf(error: ConnectError, database: DatabaseSecret): string {
  const { code = "", message } = error;
  if (isIamRefused(error, database)) return iamRefusal;
  if (error instanceof pg.DatabaseError) return `${describeSqlState(code)}: ${message}`;
  return tlsHint(error, database) ?? (message || code);
}

/** Another value of the secret would be of no use. */
function isIamRefused({ code = "" }: ConnectError, { authentication }: DatabaseSecret): boolean {
  return authentication === "iam" && code.startsWith("28");
}
