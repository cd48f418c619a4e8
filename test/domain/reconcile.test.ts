import { describe, expect, test } from "vitest";
import type { BatchAnswer } from "../../functions/domain/batch-answer.ts";
import type { Change } from "../../functions/domain/plan.ts";
import { findDiscrepancies } from "../../functions/domain/reconcile.ts";

const change: Change = { kind: "subscribe", email: "a@x.fr", fields: {}, saw: null, reason: "" };
const answerWith = (changes: Partial<BatchAnswer>): BatchAnswer => ({
  refused: [],
  stale: [],
  unconfirmed: [],
  held: [],
  counters: {
    added: { predicted: 1, answered: 1 },
    left: { predicted: 2, answered: 1 },
    odd: { predicted: 0, answered: 3 },
  },
  attempts: 1,
  ...changes,
});

describe("findDiscrepancies", () => {
  test("finds the counters that are not as predicted, whatever a provider calls them", () => {
    expect(findDiscrepancies(7, answerWith({}))).toEqual([
      { batch: 7, counter: "left", predicted: 2, answered: 1, afterRetry: false },
      { batch: 7, counter: "odd", predicted: 0, answered: 3, afterRetry: false },
    ]);
  });

  test("finds none in an answer as predicted, however often the batch was sent", () => {
    const counters = { added: { predicted: 1, answered: 1 } };
    expect(findDiscrepancies(1, answerWith({ counters, attempts: 3, unconfirmed: [change] }))).toEqual([]);
  });

  test.each([
    ["a batch that was sent twice", { attempts: 2 }],
    ["a batch with a change that was not sent again", { unconfirmed: [change] }],
  ])("of %s, says that an attempt without an answer may explain it", (_, changes) => {
    const found = findDiscrepancies(1, answerWith(changes));
    expect(found.map(({ afterRetry }) => afterRetry)).toEqual([true, true]);
  });

  test("does not take a stale change for a retry", () => {
    const found = findDiscrepancies(1, answerWith({ stale: [change] }));
    expect(found.map(({ afterRetry }) => afterRetry)).toEqual([false, false]);
  });
});
