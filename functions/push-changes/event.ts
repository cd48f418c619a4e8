import * as z from "zod";
import { listNameSchema } from "../configuration.ts";
import type { LimitName } from "../domain/limits.ts";
import { applyFields } from "../planning/apply-event.ts";
import { describeIssue } from "../platform/describe-issue.ts";
import { QueuedMessage } from "./queued-message.ts";

/** Messages of the queue for one list, in the order in which they were sent. */
export interface DeliveryEvent {
  readonly list: string;
  readonly messages: readonly QueuedMessage[];
  /** How much of the function's time they may take. */
  readonly share: number;
}

/** A person lets pass what exceeds these limits: as much again as a day may have. */
export interface PushApproval {
  readonly list: string;
  readonly approve: readonly PushLimit[];
  /** Who approves, for the report. */
  readonly approvedBy?: string;
}

export type PushEvent = DeliveryEvent | PushApproval;

/** The limits that hold pushes back. */
export const pushLimits = [
  "unsubscribe",
  "subscribe",
  "resubscribe",
  "update",
] as const satisfies readonly LimitName[];
export type PushLimit = (typeof pushLimits)[number];

export const goodPushEvent: PushApproval = { list: "daily", approve: ["subscribe"] };

const approvalSchema = z.strictObject({
  list: listNameSchema,
  approve: z.array(z.enum(pushLimits, `expected limits: ${pushLimits.join(", ")}`)).min(1),
  approvedBy: applyFields.approvedBy,
});

const deliverySchema = z.strictObject({
  list: listNameSchema,
  messages: z.array(z.instanceof(QueuedMessage)),
  share: z.number(),
});

export const pushEventSchema: z.ZodType<PushEvent> = z.union(
  [
    deliverySchema,
    approvalSchema.transform(({ approvedBy, ...approval }) => ({
      ...approval,
      ...(approvedBy !== undefined && { approvedBy }),
    })),
  ],
  {
    // Nobody but the handler makes a delivery: what is wrong is an approval.
    error: (issue) =>
      issue.code === "invalid_union" ? issue.errors.at(-1)?.map(describeIssue).join("; ") : undefined,
  },
);
