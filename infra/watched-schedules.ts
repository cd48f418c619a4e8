import { archiveSubject } from "../functions/archive-events/metrics.ts";
import type { WatchedSchedule } from "../functions/watch-runs/watch-configuration.ts";
import { nameIn } from "./environment.ts";
import { greatestGapHours } from "./schedule.ts";

/** What of a configuration says what runs when. */
interface Scheduled {
  readonly environment: string;
  readonly lists: Readonly<Record<string, { readonly sync?: Timed | undefined; readonly import: Timed }>>;
  readonly archive: Timed;
}

interface Timed {
  readonly schedule?: string | undefined;
}

/**
 * How late a run may succeed and not be missed: an hour of retries, its own duration, up to a quarter of an hour by which
 * its schedule is spread, the end of summer time.
 */
const slackHours = 3;

/** What watch-runs looks at: every schedule that has no last run. */
export function watchedSchedules({ environment, lists, archive }: Scheduled): WatchedSchedule[] {
  const watched = (name: string, subject: string, schedule: string | undefined): WatchedSchedule[] => {
    const gapHours = schedule === undefined ? Number.POSITIVE_INFINITY : greatestGapHours(schedule);
    if (!Number.isFinite(gapHours)) return [];
    const hours = Math.ceil(gapHours + slackHours);
    return [{ function: name, service: nameIn(environment, name), subject, hours }];
  };
  return [
    ...Object.entries(lists).flatMap(
      ([
        list,
        {
          sync,
          import: { schedule },
        },
      ]) => [
        ...watched("sync-subscribers", list, sync?.schedule),
        ...watched("import-subscribers", list, schedule),
      ],
    ),
    ...watched("archive-events", archiveSubject, archive.schedule),
  ];
}
