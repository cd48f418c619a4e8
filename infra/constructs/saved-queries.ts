import type { EventName } from "../../functions/providers/event-columns.ts";

/** A question that people ask of the events. */
export interface SavedQuery {
  readonly name: string;
  readonly description: string;
  /** The tables that it reads. */
  readonly events: readonly EventName[];
  readonly sql: string;
}

/** @param timeZone of the archive's days */
export function savedQueries(timeZone: string): readonly SavedQuery[] {
  // Calendar days: when the clocks change, 24 hours ago may be today or the day before yesterday.
  const day = (ago: number) =>
    `CAST(date_add('day', -${ago}, CAST(current_timestamp AT TIME ZONE '${timeZone}' AS date)) AS varchar)`;
  return [
    {
      name: "Opens and clicks per campaign",
      description: "How many readers opened and clicked each campaign of the last 30 days",
      events: ["nl_display", "nl_click"],
      sql: `SELECT campaign_id,
       count(DISTINCT CASE WHEN event = 'open' THEN email END) AS readers_who_opened,
       count(DISTINCT CASE WHEN event = 'click' THEN email END) AS readers_who_clicked,
       sum(CASE WHEN event = 'open' THEN 1 ELSE 0 END) AS opens,
       sum(CASE WHEN event = 'click' THEN 1 ELSE 0 END) AS clicks
FROM (
  SELECT 'open' AS event, campaign_id, email FROM nl_display WHERE "date" >= ${day(30)}
  UNION ALL
  SELECT 'click' AS event, campaign_id, email FROM nl_click WHERE "date" >= ${day(30)}
)
GROUP BY campaign_id
ORDER BY readers_who_opened DESC`,
    },
    {
      name: "Yesterday's unsubscribes by cause",
      description:
        "Who left yesterday, and whether the reader, a complaint, a bounce or the publisher was the cause",
      events: ["nl_unsubscribe"],
      sql: `SELECT email_list_id, cause, count(*) AS unsubscribes
FROM nl_unsubscribe
WHERE "date" = ${day(1)}
GROUP BY email_list_id, cause
ORDER BY email_list_id, unsubscribes DESC`,
    },
  ];
}
