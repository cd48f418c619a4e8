import type { GuardGroup } from "./guard.ts";

const memory = "functions/platform/storage/memory";

export const memoryGuards: GuardGroup = {
  tests: ["test/platform/storage/list-memory.test.ts", "test/platform/storage/memory"],
  guards: [
    {
      keeps: "damaged memory is not taken for an empty one",
      file: `${memory}/memory-object.ts`,
      code: "this.#isDamaged = standing !== undefined && content === undefined;",
      broken: "this.#isDamaged = false;",
    },
    {
      keeps: "a memory that could not be read is not overwritten",
      file: `${memory}/memory-object.ts`,
      code: "if (this.#condition === undefined) return false;",
      broken: "",
    },
    {
      keeps: "what another run remembered meanwhile is not overwritten",
      file: `${memory}/memory-object.ts`,
      code: "{ ifMatch: standing.etag };",
      broken: "{};",
    },
    {
      keeps: "the first memory of a list is not overwritten by a late run",
      file: `${memory}/memory-object.ts`,
      code: "{ ifAbsent: true }",
      broken: "{}",
    },
    {
      keeps: "a note on the memory cannot contain an address",
      file: `${memory}/memory-object.ts`,
      code: "return nameOf(error);",
      broken: "return String(error);",
    },
    {
      keeps: "altered entries are damaged entries",
      file: `${memory}/sorted-entries.ts`,
      code: "if (Buffer.compare(bytes.subarray(0, sealBytes), sealOf(entries, label)) !== 0) return undefined;",
      broken: "",
    },
    {
      keeps: "entries of another version are damaged entries",
      file: `${memory}/sorted-entries.ts`,
      code: ".update(label)",
      broken: "",
    },
    {
      keeps: "an unknown budget counts as used up",
      file: `${memory}/day-budget.ts`,
      code: "object.isUnknown ? Number.POSITIVE_INFINITY : 0",
      broken: "0",
    },
    {
      keeps: "an unknown budget does not hold back an opt-out",
      file: `${memory}/day-budget.ts`,
      code: 'group === "optOut" || group === "unsubscribe" ? known : ',
      broken: "",
    },
    {
      keeps: "a damaged budget does not stay damaged",
      file: `${memory}/day-budget.ts`,
      code: "if (this.#object.isDamaged) await this.#write();",
      broken: "",
    },
    {
      keeps: "what a person approved does not use up the budget",
      file: `${memory}/day-budget.ts`,
      code: "const counted = runs.filter(({ exempt }) => exempt === undefined);\n  const sums",
      broken: "const counted = runs;\n  const sums",
    },
    {
      keeps: "the runs of more than a day ago do not use up the budget",
      file: `${memory}/day-budget.ts`,
      code: "Date.parse(at) > since",
      broken: "Date.parse(at) > 0",
    },
    {
      keeps: "a refusal does not outlast its week",
      file: `${memory}/refusal-memory.ts`,
      code: "stamp > stampOf(this.#now - weekMs, flags.refused)",
      broken: "true",
    },
    {
      keeps: "a failure at a row that was sent alone is no refusal",
      file: `${memory}/refusal-memory.ts`,
      code: " || flagOf(stamp) !== flags.refused",
      broken: "",
    },
    {
      keeps: "a failure does not count for a day before a day is over",
      file: `${memory}/refusal-memory.ts`,
      code: "timeOf(stamp) <= this.#now - aboutADayMs",
      broken: "true",
    },
    {
      keeps: "a failure that is repeated does not begin another day",
      file: `${memory}/refusal-memory.ts`,
      code: "if (this.#stampOf(change) !== undefined) return;",
      broken: "",
    },
    {
      keeps: "a refusal that is repeated does not begin another week",
      file: `${memory}/refusal-memory.ts`,
      code: "if (this.wasRefused(change)) return;",
      broken: "",
    },
    {
      keeps: "a changed row does not count as refused",
      file: `${memory}/refusal-memory.ts`,
      code: " && entry[keyWords + 1] === wordOf(content, 1)",
      broken: " || entry !== undefined",
    },
    {
      keeps: "a row that was accepted does not count as refused",
      file: `${memory}/refusal-memory.ts`,
      code: "if (this.#entries.find(key) !== undefined) this.#entries.record(key, forgotten);",
      broken: "",
    },
    {
      keeps: "a subscription by a run does not explain anything after the grace",
      file: `${memory}/act-memory.ts`,
      code: " || stamp >= subscribedSince",
      broken: " || true",
    },
    {
      keeps: "the newest entries are not dropped for older ones",
      file: `${memory}/merge-entries.ts`,
      code: "stamp > bound.oldest || ",
      broken: "stamp < bound.oldest || ",
    },
  ],
};
