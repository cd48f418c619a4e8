import pg from "pg";
import { afterAll, beforeAll } from "vitest";
import { systemClock } from "../../functions/platform/clock.ts";
import { openPostgres } from "../../functions/sources/postgres/open-postgres.ts";
import { type EmbeddedPostgres, startPostgres } from "../../infra/local/embedded-postgres.ts";
import { until } from "./outcomes.ts";

const never = new AbortController().signal;

/** A PostgreSQL server and, on it, a database for the tests of one file. */
export const database = {
  server: undefined as unknown as EmbeddedPostgres,
  /** A superuser's connection. */
  admin: undefined as unknown as pg.Client,
  /** How many sessions of sources the database has, optionally of those that wait for this event. */
  async sessions(wait = "%"): Promise<number> {
    const { rowCount } = await this.admin.query(
      `select from pg_stat_activity
        where datname = current_database() and application_name = 'newsletter-sync'
          and coalesce(wait_event, '') like $1`,
      [wait],
    );
    return rowCount ?? 0;
  },
  /** The server takes a moment to notice that a client is gone. */
  async everySessionEnds(): Promise<void> {
    await until(async () => (await this.sessions()) === 0);
  },
};

/** A server takes a second to start, so all files of one process share it; it ends with the process. */
let started: Promise<EmbeddedPostgres> | undefined;
let databases = 0;

/** Gives a file of tests its {@link database}. */
export function useDatabase(): void {
  beforeAll(async () => {
    started ??= startPostgres();
    const server = await started;
    const dbname = `tests_${++databases}`;
    const creator = new pg.Client({ connectionString: server.url });
    await creator.connect();
    await creator.query(`create database ${dbname}`);
    await creator.end();
    const secret = { ...server.secret, dbname };
    database.server = { ...server, url: server.url.replace(/[^/]+$/, dbname), secret };
    database.admin = new pg.Client({ connectionString: database.server.url });
    await database.admin.connect();
  });
  afterAll(() => database.admin.end());
}

/** Opens a query on that server. @param secret a working one, unless the test gives another */
export function openQuery(
  query: string,
  { secret = database.server.secret as object, place = {}, clock = systemClock, signal = never } = {},
) {
  const configuration = { kind: "postgres", secret: "newsletter-sync/database", ...place, query } as const;
  return openPostgres(configuration, { readSecret: async () => secret, clock, signal });
}
