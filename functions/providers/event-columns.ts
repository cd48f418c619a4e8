/**
 * The events that are archived, and the columns of each one's CSV in their documented order: Ownpage's, the one
 * provider with such files. In `nl_send` only the current reference has `active`; an older account's files end
 * before it.
 */
export const eventColumns = {
  nl_click: [
    "date",
    "email",
    "campaign_id",
    "newsletter_id",
    "email_list_id",
    "target_id",
    "target_url",
    "target_position",
  ],
  nl_display: ["date", "email", "campaign_id", "newsletter_id", "email_list_id"],
  nl_send: ["date", "email", "campaign_id", "newsletter_id", "email_list_id", "active"],
  nl_subscribe: ["date", "email", "email_list_id"],
  nl_unsubscribe: ["date", "email", "cause", "email_list_id"],
  nl_bounce: ["date", "email", "campaign_id", "newsletter_id", "email_list_id", "type", "message"],
  nl_complaint: ["date", "email", "campaign_id", "newsletter_id", "email_list_id", "type"],
} as const satisfies Record<string, readonly string[]>;

export type EventName = keyof typeof eventColumns;

export const eventNames = Object.keys(eventColumns) as [EventName, ...EventName[]];

/** The columns that a file may lack, as they came later than the others. */
export const optionalColumns: Partial<Record<EventName, readonly string[]>> = { nl_send: ["active"] };
