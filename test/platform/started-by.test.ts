import { expect, test } from "vitest";
import { archiveEventSchema } from "../../functions/archive-events/event.ts";
import { importEventSchema } from "../../functions/import-subscribers/event.ts";
import { startedBy } from "../../functions/platform/started-by.ts";
import { pushEventSchema } from "../../functions/push-changes/event.ts";
import { syncEventSchema } from "../../functions/sync-subscribers/event.ts";

const scheduledAt = "2026-03-01T09:00:00Z";
const list = "daily";

test.each([
  [syncEventSchema, { list, mode: "apply", scheduledAt }, "schedule"],
  [syncEventSchema, { list, mode: "apply" }, "hand"],
  [syncEventSchema, { list, apply: "PLAN-ID", approve: ["return"] }, "approval"],
  [syncEventSchema, { list, mode: "apply", backfill: {} }, "backfill"],
  [syncEventSchema, { list, apply: "PLAN-ID", backfill: { left: 7 } }, "backfill"],
  [importEventSchema, { list, scheduledAt }, "schedule"],
  [importEventSchema, { list }, "hand"],
  [importEventSchema, { list, apply: "PLAN-ID", approvedBy: "Anna" }, "approval"],
  [importEventSchema, { list, backfill: {} }, "backfill"],
  [importEventSchema, { list, apply: "PLAN-ID", backfill: { left: 7 } }, "backfill"],
  [pushEventSchema, { list, messages: [], share: 1 }, "queue"],
  [pushEventSchema, { list, approve: ["subscribe"] }, "hand"],
  [archiveEventSchema, { scheduledAt }, "schedule"],
  [archiveEventSchema, { from: "2018-02-01", to: "2018-02-28", backfill: {} }, "backfill"],
  [archiveEventSchema, {}, "hand"],
  [archiveEventSchema, { date: "2018-02-15" }, "hand"],
])("each function's event tells what started the run", (schema, event, expected) => {
  expect(startedBy(schema.parse(event))).toBe(expected);
});
