import pg from "pg";
import { afterAll, beforeAll } from "vitest";
import { systemClock } from "../../functions/platform/clock.ts";
import { openPostgres } from "../../functions/sources/postgres/open-postgres.ts";
import { type EmbeddedPostgres, startPostgres } from "../../infra/local/embedded-postgres.ts";
import { until } from "./outcomes.ts";

const never = new AbortController().signal;

/** A PostgreSQL server for the tests of one file. */
export const database = {
  server: undefined as unknown as EmbeddedPostgres,
  /** A superuser's connection. */
  admin: undefined as unknown as pg.Client,
  /** How many sessions of sources the server has, optionally of those that wait for this event. */
  async sessions(wait = "%"): Promise<number> {
    const { rowCount } = await this.admin.query(
      `select from pg_stat_activity
        where application_name = 'newsletter-sync' and coalesce(wait_event, '') like $1`,
      [wait],
    );
    return rowCount ?? 0;
  },
  /** The server takes a moment to notice that a client is gone. */
  async everySessionEnds(): Promise<void> {
    await until(async () => (await this.sessions()) === 0);
  },
};

beforeAll(async () => {
  database.server = await startPostgres();
  database.admin = new pg.Client({ connectionString: database.server.url });
  await database.admin.connect();
});
afterAll(async () => {
  await database.admin.end();
  await database.server.stop();
});

/** Opens a query on that server. @param secret a working one, unless the test gives another */
export function openQuery(
  query: string,
  { secret = database.server.secret as object, place = {}, clock = systemClock, signal = never } = {},
) {
  const configuration = { kind: "postgres", secret: "newsletter-sync/database", ...place, query } as const;
  return openPostgres(configuration, { readSecret: async () => secret, clock, signal });
}
