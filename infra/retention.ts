import * as z from "zod";
import { archivePrefixes, exchangePrefixes } from "../functions/platform/storage/object-keys.ts";

const days = (usual: number, least = 1) => z.int().min(least).max(3650).default(usual);

/**
 * For how many days what the functions store is kept. Locks and approvals hold no address and are kept, and so are the
 * archived files themselves, which are the publisher's.
 */
export const retentionSchema = z
  .strictObject({
    /** A plan may be approved for a day after it was made. */
    plansDays: days(90, 2),
    quarantineDays: days(90),
    importsDays: days(7, 2),
    returnedDays: days(90),
    /** Written anew by each whole reading: what expires are older ones, and mirrors of accounts that are no longer read. */
    mirrorDays: days(90, 30),
    reportsDays: days(400),
    /** Written anew by each run that sends something: what expires is that of a list that is no longer run. */
    memoryDays: days(400, 60),
    historyDays: days(400),
    queryResultsDays: days(30),
    /** For how long an overwritten or removed object of the archive can be restored. */
    archiveVersionsDays: days(365),
  })
  .prefault({});
export type Retention = z.infer<typeof retentionSchema>;

/** The prefix in the exchange bucket to which each of these applies. */
export const exchangeLifetimes = {
  plansDays: exchangePrefixes.plans,
  quarantineDays: exchangePrefixes.quarantine,
  importsDays: exchangePrefixes.imports,
  returnedDays: exchangePrefixes.returned,
  mirrorDays: exchangePrefixes.mirror,
  reportsDays: exchangePrefixes.reports,
  memoryDays: exchangePrefixes.memory,
  historyDays: exchangePrefixes.history,
} as const satisfies Partial<Record<keyof Retention, string>>;

/** The same for the archive bucket. */
export const archiveLifetimes = { queryResultsDays: archivePrefixes.results } as const;
