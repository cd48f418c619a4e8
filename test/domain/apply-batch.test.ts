import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { applyBatch } from "../../functions/domain/apply-batch.ts";
import type { BatchAnswer } from "../../functions/domain/batch-answer.ts";
import { BatchRefusedError, ProviderContractError } from "../../functions/domain/errors.ts";
import type { Change } from "../../functions/domain/plan.ts";

const change = (email: string): Change => ({
  kind: "subscribe",
  email,
  fields: {},
  saw: null,
  reason: "",
});

/** The answer to a request that was applied in full. */
const allApplied: BatchAnswer = { refused: [], stale: [], unconfirmed: [], counters: {}, attempts: 1 };

/** A provider that refuses these addresses, naming their lines or not. */
function refusing(bad: ReadonlySet<string>, names: "lines" | "nothing") {
  const taken: string[] = [];
  let requests = 0;
  const write = async (changes: readonly Change[]): Promise<BatchAnswer> => {
    requests++;
    const lines = changes.flatMap(({ email }, position) =>
      bad.has(email) ? [{ position, reason: "invalid" }] : [],
    );
    if (lines.length > 0) {
      const refusal = {
        lines: names === "lines" ? lines : [],
        reason: "1 error(s)",
      };
      throw new BatchRefusedError("POST /subscribers", 400, refusal);
    }
    taken.push(...changes.map(({ email }) => email));
    return allApplied;
  };
  return { write, taken, requests: () => requests };
}

describe("applyBatch", () => {
  test("counts as applied, by kind, every change that the provider neither refused nor left out", async () => {
    const saw = { subscribed: true, fields: {} };
    const known = { saw, reason: "", fields: {} };
    const batch: Change[] = [
      ...["a", "b", "c", "d"].map(change),
      { kind: "update", email: "e", ...known },
      { kind: "resubscribe", email: "f", ...known },
      { kind: "unsubscribe", email: "g", cause: "READER", saw, reason: "" },
    ];
    const [stale, unconfirmed, refused] = batch;
    const answer: BatchAnswer = {
      refused: [{ change: refused!, reason: "too long" }],
      stale: [stale!],
      unconfirmed: [unconfirmed!],
      counters: { rows: { predicted: 5, answered: 4 } },
      attempts: 1,
    };
    expect(await applyBatch(3, batch, async () => answer)).toEqual({
      applied: expect.any(Array),
      refused: answer.refused,
      stale: 2,
      discrepancies: [{ batch: 3, counter: "rows", predicted: 5, answered: 4, afterRetry: true }],
      failure: undefined,
    });
  });

  test("stops when a provider refuses most of a batch in its answers, too", async () => {
    const changes = Array.from({ length: 120 }, (_, number) => change(`${number}@x.fr`));
    const write = async (changes: readonly Change[]): Promise<BatchAnswer> => ({
      ...allApplied,
      refused: changes.slice(0, 61).map((change) => ({ change, reason: "no" })),
    });
    const { failure, applied } = await applyBatch(1, changes, write);
    expect(failure).toBeInstanceOf(ProviderContractError);
    expect(applied).toEqual(changes.slice(61));
  });

  property.prop([
    fc.uniqueArray(fc.nat(500), { maxLength: 60 }),
    fc.array(fc.nat(500), { maxLength: 10 }),
    fc.constantFrom("lines" as const, "nothing" as const),
  ])("sets aside exactly the bad rows and sends the rest, in order", async (numbers, badNumbers, names) => {
    const emails = numbers.map((number) => `${number}@x.fr`);
    const bad = new Set(badNumbers.map((number) => `${number}@x.fr`));
    const provider = refusing(bad, names);
    const outcome = await applyBatch(1, emails.map(change), provider.write);
    expect(provider.taken).toEqual(emails.filter((email) => !bad.has(email)));
    expect(outcome.refused.map((refused) => refused.change.email).sort()).toEqual(
      emails.filter((email) => bad.has(email)).sort(),
    );
    expect(outcome.applied.map(({ email }) => email)).toEqual(provider.taken);
    expect(outcome.discrepancies).toEqual([]);
  });

  test("sets five named lines of 20,000 aside in two requests", async () => {
    const emails = Array.from({ length: 20_000 }, (_, number) => `${number}@x.fr`);
    const provider = refusing(new Set([0, 77, 9_999, 10_000, 19_999].map((n) => `${n}@x.fr`)), "lines");
    const outcome = await applyBatch(1, emails.map(change), provider.write);
    expect(provider.requests()).toBe(2);
    expect(outcome.refused).toHaveLength(5);
    expect(provider.taken).toHaveLength(19_995);
  });

  test("stops when a provider refuses everything and names nothing: the rows are not at fault", async () => {
    const emails = Array.from({ length: 500 }, (_, number) => `${number}@x.fr`);
    const provider = refusing(new Set(emails), "nothing");
    const { failure } = await applyBatch(1, emails.map(change), provider.write);
    expect(failure).toBeInstanceOf(ProviderContractError);
  });

  test("stops when a provider names one line after the other: the rows are not at fault", async () => {
    const changes = Array.from({ length: 2_000 }, (_, number) => change(`${number}@x.fr`));
    let requests = 0;
    const write = async (): Promise<BatchAnswer> => {
      requests++;
      const lines = [{ position: 0, reason: "the list is archived" }];
      throw new BatchRefusedError("POST /subscribers", 400, { lines, reason: "L1" });
    };
    expect((await applyBatch(1, changes, write)).failure).toBeInstanceOf(ProviderContractError);
    expect(requests).toBeLessThan(4_000);
  });

  test("a line that the batch does not have names no change", async () => {
    let first = true;
    const write = async (changes: readonly Change[]): Promise<BatchAnswer> => {
      if (changes.some(({ email }) => email === "b@x.fr")) {
        const lines = first ? [{ position: 99, reason: "L100" }] : [];
        first = false;
        throw new BatchRefusedError("POST /subscribers", 400, {
          lines,
          reason: "bad",
        });
      }
      return allApplied;
    };
    const outcome = await applyBatch(1, [change("a@x.fr"), change("b@x.fr")], write);
    expect(outcome.refused).toMatchObject([{ change: { email: "b@x.fr" }, reason: "bad" }]);
  });

  test("a failure ends the batch, and the outcome tells what was done before it", async () => {
    const fault = new Error("down");
    const provider = refusing(new Set(["b@x.fr"]), "nothing");
    let requests = 0;
    const write = (changes: readonly Change[]) =>
      ++requests > 3 ? Promise.reject(fault) : provider.write(changes);
    const emails = ["a@x.fr", "b@x.fr", "c@x.fr", "d@x.fr"];
    const outcome = await applyBatch(1, emails.map(change), write);
    expect(outcome).toMatchObject({
      applied: [expect.objectContaining({ kind: "subscribe" })],
      refused: [],
      failure: fault,
    });
    expect(provider.taken).toEqual(["a@x.fr"]);
  });

  test("a refusal's own words are in no property that a logger would print", () => {
    const refusal = {
      lines: [{ position: 0, reason: "email is not valid jean@" }],
      reason: "jean@ is not valid",
    };
    const error = new BatchRefusedError("POST /subscribers", 400, refusal);
    expect(JSON.stringify({ ...error, message: error.message, stack: error.stack })).not.toContain("jean@");
  });
});
