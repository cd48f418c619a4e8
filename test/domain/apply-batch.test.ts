import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { applyBatch, type BatchOutcome } from "../../functions/domain/apply-batch.ts";
import type { BatchAnswer } from "../../functions/domain/batch-answer.ts";
import { Narrowing } from "../../functions/domain/narrowing.ts";
import type { Change } from "../../functions/domain/plan.ts";
import {
  BatchRefusedError,
  ProviderContractError,
  ProviderUnavailableError,
} from "../../functions/domain/provider-errors.ts";

const change = (email: string): Change => ({
  kind: "subscribe",
  email,
  fields: {},
  saw: null,
  reason: "",
});

/** The answer to a request that was applied in full. */
const allApplied: BatchAnswer = {
  ...{ refused: [], stale: [], unconfirmed: [], held: [] },
  counters: {},
  attempts: 1,
};

type Write = (changes: readonly Change[], tries: "usual" | "few") => Promise<BatchAnswer>;

const send = (changes: readonly Change[], write: Write, narrowing = new Narrowing()): Promise<BatchOutcome> =>
  applyBatch(changes, { batch: 3, write, narrowing });

const emailsOf = (count: number) => Array.from({ length: count }, (_, number) => `${number}@x.fr`);

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
      held: [batch[3]!],
      counters: { rows: { predicted: 5, answered: 4 } },
      attempts: 1,
    };
    expect(await send(batch, async () => answer)).toEqual({
      applied: batch.slice(3),
      held: [batch[3]],
      refused: answer.refused,
      suspects: [],
      stale: 2,
      discrepancies: [{ batch: 3, counter: "rows", predicted: 5, answered: 4, afterRetry: true }],
      failure: undefined,
    });
  });

  property.prop([
    fc.uniqueArray(fc.nat(500), { maxLength: 60 }),
    fc.array(fc.nat(500), { maxLength: 10 }),
    fc.constantFrom("lines" as const, "nothing" as const),
  ])("sets aside exactly the bad rows and sends the rest", async (numbers, badNumbers, names) => {
    const emails = numbers.map((number) => `${number}@x.fr`);
    const bad = new Set(badNumbers.map((number) => `${number}@x.fr`));
    const provider = refusing(bad, names);
    const outcome = await send(emails.map(change), provider.write);
    expect([...provider.taken].sort()).toEqual(emails.filter((email) => !bad.has(email)).sort());
    expect(outcome.refused.map((refused) => refused.change.email).sort()).toEqual(
      emails.filter((email) => bad.has(email)).sort(),
    );
    expect(outcome.applied.map(({ email }) => email)).toEqual(provider.taken);
    expect(outcome.discrepancies).toEqual([]);
  });

  test("sets five named lines of 20,000 aside in two requests", async () => {
    const emails = Array.from({ length: 20_000 }, (_, number) => `${number}@x.fr`);
    const provider = refusing(new Set([0, 77, 9_999, 10_000, 19_999].map((n) => `${n}@x.fr`)), "lines");
    const outcome = await send(emails.map(change), provider.write);
    expect(provider.requests()).toBe(2);
    expect(outcome.refused).toHaveLength(5);
    expect(provider.taken).toHaveLength(19_995);
  });

  test("stops when a provider refuses everything and names nothing: the rows are not at fault", async () => {
    const emails = Array.from({ length: 500 }, (_, number) => `${number}@x.fr`);
    const provider = refusing(new Set(emails), "nothing");
    const { failure } = await send(emails.map(change), provider.write);
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
    expect((await send(changes, write)).failure).toBeInstanceOf(ProviderContractError);
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
    const outcome = await send([change("a@x.fr"), change("b@x.fr")], write);
    expect(outcome.refused).toMatchObject([{ change: { email: "b@x.fr" }, reason: "bad" }]);
  });

  test("a failure that no row can be at fault for ends the batch, and the outcome tells what was done before it", async () => {
    const fault = new Error("down");
    const provider = refusing(new Set(["b@x.fr"]), "nothing");
    let requests = 0;
    const write = (changes: readonly Change[]) =>
      ++requests > 3 ? Promise.reject(fault) : provider.write(changes);
    const emails = ["a@x.fr", "b@x.fr", "c@x.fr", "d@x.fr"];
    const outcome = await send(emails.map(change), write);
    expect(outcome).toMatchObject({ refused: [], failure: fault });
    expect(outcome.applied.map(({ email }) => email)).toEqual(["c@x.fr", "d@x.fr"]);
    expect(provider.taken).toEqual(["c@x.fr", "d@x.fr"]);
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

const failure = () =>
  new ProviderUnavailableError("POST /subscribers", 6, "status 500 (Internal Server Error)", {
    mayBeRows: true,
  });

/** A provider that fails at requests of which this is true. */
function failing(fails: (changes: readonly Change[]) => boolean) {
  const taken: string[] = [];
  const sizes: number[] = [];
  const tries: string[] = [];
  const write: Write = async (changes, some) => {
    sizes.push(changes.length);
    tries.push(some);
    if (fails(changes)) throw failure();
    taken.push(...changes.map(({ email }) => email));
    return allApplied;
  };
  return { write, taken, sizes, tries };
}

const poison = (...emails: string[]) =>
  failing((changes) => changes.some(({ email }) => emails.includes(email)));

describe("a batch at which the provider fails", () => {
  test.each([
    [1, ["7@x.fr"]],
    [2, ["0@x.fr", "1@x.fr"]],
    [5, ["0@x.fr", "6250@x.fr", "5000@x.fr", "4999@x.fr", "9999@x.fr"]],
  ])("is halved until the rows stand alone at which it fails: %i of 10,000", async (_count, emails) => {
    const provider = poison(...emails);
    const outcome = await send(emailsOf(10_000).map(change), provider.write);
    expect(outcome.failure).toBeUndefined();
    expect(outcome.suspects.map(({ change }) => change.email).sort()).toEqual([...emails].sort());
    expect(outcome.applied).toHaveLength(10_000 - emails.length);
    expect(provider.sizes.length).toBeLessThanOrEqual(1 + emails.length * 2 * 14);
  });

  test("is sent in parts with fewer tries than as a whole", async () => {
    const { write, tries } = poison("3@x.fr");
    await send(emailsOf(8).map(change), write);
    expect(new Set(tries.slice(1))).toEqual(new Set(["few"]));
    expect(tries[0]).toBe("usual");
  });

  test("has both of its halves tried before one of them is halved", async () => {
    const { write, sizes } = poison("0@x.fr");
    await send(emailsOf(8).map(change), write);
    expect(sizes).toEqual([8, 4, 4, 2, 2, 1, 1]);
  });

  test("shows a size that works, which later batches keep to", async () => {
    const narrowing = new Narrowing();
    const { write, sizes, taken } = failing((changes) => changes.length > 1_500);
    await send(emailsOf(10_000).map(change), write, narrowing);
    expect(narrowing.mostChanges).toBe(1_250);
    expect(taken).toHaveLength(10_000);
    sizes.length = 0;
    await send(emailsOf(10_000).map(change), write, narrowing);
    expect(new Set(sizes)).toEqual(new Set([1_250]));
  });

  test("shows no size if only one of its halves works", async () => {
    const narrowing = new Narrowing();
    await send(emailsOf(100).map(change), poison("7@x.fr").write, narrowing);
    expect(narrowing.mostChanges).toBe(Number.POSITIVE_INFINITY);
  });

  test("shows that the provider is down when part after part of it fails", async () => {
    const narrowing = new Narrowing();
    const { write, sizes } = failing(() => true);
    const outcome = await send(emailsOf(10_000).map(change), write, narrowing);
    expect(outcome.failure).toBeInstanceOf(ProviderUnavailableError);
    expect(narrowing.isDown).toBe(true);
    expect([outcome.applied, outcome.refused]).toEqual([[], []]);
    expect(sizes.length).toBeLessThan(20);
  });

  test("shows that rows are bad, even thirty side by side, if others were accepted meanwhile", async () => {
    const bad = emailsOf(230).slice(200);
    const outcome = await send(emailsOf(1_000).map(change), poison(...bad).write);
    expect(outcome.failure).toBeUndefined();
    expect(outcome.suspects.map(({ change }) => change.email)).toEqual(bad);
  });

  test("is not narrowed when what failed is no matter of rows", async () => {
    const down = new ProviderUnavailableError("POST /token", 6, "status 503");
    let requests = 0;
    const write = () => {
      requests++;
      return Promise.reject(down);
    };
    expect((await send(emailsOf(10).map(change), write)).failure).toBe(down);
    expect(requests).toBe(1);
  });

  test("makes what its parts count be explained by the request that got no answer", async () => {
    const counted: BatchAnswer = { ...allApplied, counters: { created: { predicted: 2, answered: 0 } } };
    let requests = 0;
    const write = async () => {
      if (++requests === 1) throw failure();
      return counted;
    };
    const { discrepancies } = await send(emailsOf(4).map(change), write);
    expect(discrepancies.map(({ afterRetry }) => afterRetry)).toEqual([true, true]);
  });

  test("costs a bounded number of requests in a run, whatever fails", async () => {
    let requests = 0;
    const write: Write = async (changes) => {
      requests++;
      if (changes.some(({ email }) => Number.parseInt(email, 10) % 100 === 99)) throw failure();
      return allApplied;
    };
    const narrowing = new Narrowing();
    const outcome = await send(emailsOf(5_000).map(change), write, narrowing);
    expect(outcome.failure).toBeInstanceOf(ProviderUnavailableError);
    expect(requests).toBeLessThan(500);
    expect(narrowing.isDown).toBe(false);
  });

  test("waits until another one is narrowed, and profits from what that shows", async () => {
    const narrowing = new Narrowing();
    const { write, sizes } = failing((changes) => changes.length > 50);
    await Promise.all([0, 1, 2].map(() => send(emailsOf(100).map(change), write, narrowing)));
    expect(sizes.filter((size) => size > 50)).toEqual([100, 100, 100]);
    expect(sizes.filter((size) => size <= 50)).toEqual([50, 50, 50, 50, 50, 50]);
  });
});
