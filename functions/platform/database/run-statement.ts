import { once } from "node:events";
import pg from "pg";

const booleanOid = 16;

// The extended protocol accepts one statement only. Values stay text, as a number or a date that JavaScript has parsed
// need not read the same.
const options = {
  queryMode: "extended",
  rowMode: "array" as const,
  types: {
    getTypeParser: (oid: number) => (oid === booleanOid ? (value: string) => `${value === "t"}` : String),
  } as pg.CustomTypesConfig,
};

/** Runs one statement. Its values are text as the server writes it; a boolean is `true` or `false`. */
export async function queryStatement(
  client: pg.Client,
  text: string,
): Promise<pg.QueryArrayResult<(string | null)[]>> {
  return await client.query<(string | null)[]>({ ...options, text });
}

/** Runs one statement and discards the rows that it yields. @returns how many rows it changed, or yielded */
export async function executeStatement(client: pg.Client, text: string): Promise<number> {
  const query = new pg.Query({ ...options, text });
  // Without a listener, pg would keep the rows.
  query.on("row", () => {});
  const [{ rowCount }] = (await once(client.query(query), "end")) as [pg.QueryResult];
  return rowCount ?? 0;
}
