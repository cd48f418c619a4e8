import type { GuardGroup } from "./guard.ts";

const platform = "functions/platform";

/** What keeps alarms, mails and events from telling of nothing, or more often than once. */
export const alarmGuards: GuardGroup = {
  tests: [
    "test/platform/create-handler",
    "test/platform/storage/list-lock",
    "test/platform/storage/list-memory.test.ts",
    "test/planning/read-both-sides",
    "test/sync-subscribers/metrics",
    "test/import-subscribers/memory",
  ],
  guards: [
    {
      keeps: "a run that meets its own double is no failure",
      file: `${platform}/storage/lock.ts`,
      code: "[holder.trigger, holder.done].includes(trigger)",
      broken: "false",
    },
    {
      keeps: "a list that another run works on is busy",
      file: `${platform}/storage/lock.ts`,
      code: "trigger !== undefined && [",
      broken: "true || [",
    },
    {
      keeps: "an event that was worked on is not worked on again",
      file: `${platform}/storage/lock.ts`,
      code: "if (trigger !== undefined && holder?.done === trigger) return false;",
      broken: "",
    },
    {
      keeps: "an event whose run failed may be worked on again",
      file: `${platform}/storage/lock.ts`,
      code: "...(isDone && { done: trigger })",
      broken: "done: trigger",
    },
    {
      keeps: "another function's event of the same time is another event",
      file: `${platform}/scheduled-event.ts`,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code
      code: "${job} at ${scheduledAt}",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code
      broken: "at ${scheduledAt}",
    },
    {
      keeps: "two deliveries of an event do not take one lock for their own",
      file: `${platform}/start-run.ts`,
      code: 'randomBytes(4).toString("hex")',
      broken: "context.awsRequestId.slice(0, 8)",
    },
    {
      keeps: "a duplicate is neither a success nor a failure",
      file: `${platform}/create-handler.ts`,
      code: "duplicateOf === undefined && !job.isLook?.(event)",
      broken: "!job.isLook?.(event)",
    },
    {
      keeps: "who only looks raises no alarm",
      file: `${platform}/create-handler.ts`,
      code: "duplicateOf === undefined && !job.isLook?.(event)",
      broken: "duplicateOf === undefined",
    },
    {
      keeps: "a duplicate tells nobody",
      file: `${platform}/create-handler.ts`,
      code: 'if (outcome !== "duplicate") await',
      broken: "await",
    },
    {
      keeps: "a bus that fails harms no run",
      file: `${platform}/create-handler.ts`,
      code: '.catch((cause: unknown) => this.#warn("the event could not be put", cause))',
      broken: "",
    },
    {
      keeps: "a run asks the bus once",
      file: `${platform}/event-bus.ts`,
      code: "{ maxAttempts: 1 }",
      broken: "{ maxAttempts: 3 }",
    },
    {
      keeps: "an event that the bus has refused is missed",
      file: `${platform}/event-bus.ts`,
      code: "if (code !== undefined) throw",
      broken: "if (false) throw",
    },
    {
      keeps: "rows that are known raise no alarm",
      file: `${platform}/storage/memory/rejection-memory.ts`,
      code: "if (times > this.#before(key).times) this.#newRows++;",
      broken: "this.#newRows++;",
    },
    {
      keeps: "one more of rows that nothing tells apart raises an alarm",
      file: `${platform}/storage/memory/rejection-memory.ts`,
      code: "times > this.#before(key).times",
      broken: "this.#before(key).times === 0",
    },
    {
      keeps: "a row that is set aside for another reason raises an alarm",
      file: `${platform}/storage/memory/rejection-memory.ts`,
      code: "JSON.stringify([guid, reason])",
      broken: "JSON.stringify([guid])",
    },
    {
      keeps: "the rows of a source that is read twice count once",
      file: `${platform}/storage/quarantine.ts`,
      code: "this.#rejections?.restart();",
      broken: "",
    },
    {
      keeps: "a sync's rows raise no alarm before a plan of the list is approved",
      file: "functions/sync-subscribers/metrics.ts",
      code: "newlyRejected !== undefined &&\n      firstPlan === undefined",
      broken: "newlyRejected !== undefined",
    },
    {
      keeps: "an import's rows raise no alarm before a plan of the list is approved",
      file: "functions/import-subscribers/metrics.ts",
      code: "newlyRejected !== undefined &&\n      firstPlan === undefined",
      broken: "newlyRejected !== undefined",
    },
  ],
};
