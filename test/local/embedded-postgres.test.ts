import { existsSync } from "node:fs";
import pg from "pg";
import { expect, test } from "vitest";
import { startPostgres } from "../../infra/local/embedded-postgres.ts";

test("only the URL opens the server, which leaves nothing behind", async () => {
  const server = await startPostgres();
  const client = new pg.Client(server.url);
  await client.connect();
  const { rows } = await client.query(
    "select upper('é') as text, current_setting('data_directory') as folder",
  );
  const folder: string = rows[0].folder;
  expect(existsSync(folder)).toBe(true);
  await client.end();

  const { username: user, dbname: database, ...secret } = server.secret;
  const stranger = new pg.Client({ ...secret, user, database, password: "guessed" });
  await expect(stranger.connect()).rejects.toThrow("password authentication failed");

  await server.stop();
  expect(existsSync(folder)).toBe(false);
  await expect(new pg.Client(server.url).connect()).rejects.toThrow("ECONNREFUSED");
});
