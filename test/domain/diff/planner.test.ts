import { describe, expect, test } from "vitest";
import { kindsOf, planFor } from "./plan-for.ts";

describe("two spellings of one address at the provider", () => {
  const two = [{ email: "a@x.fr" }, { email: "A@x.fr" }];

  test("both follow the database", () => {
    expect(kindsOf(planFor(two, []).steps)).toEqual([
      ["unsubscribe", "a@x.fr"],
      ["unsubscribe", "A@x.fr"],
    ]);
    const row = { email: "a@x.fr", fields: { data_firstname: "Ana" } };
    expect(kindsOf(planFor(two, [row]).steps)).toEqual([
      ["update", "a@x.fr"],
      ["update", "A@x.fr"],
    ]);
  });

  test("an opt-out or a bounce of one spelling keeps the other from being resubscribed", () => {
    const left = { subscribed: false, unsubscribedAt: 5_000 };
    const byPublisher = { email: "a@x.fr", ...left, cause: "PUBLISHER" } as const;
    const row = { email: "a@x.fr", consentedAt: 1_000 };
    const optedOut = planFor([{ email: "A@x.fr", ...left, cause: "READER" }, byPublisher], [row]);
    expect(optedOut.steps).toEqual([]);
    expect(optedOut.counts.kept.optedOut).toBe(2);
    expect(planFor([byPublisher, { email: "A@x.fr", ...left, cause: "HARD_BOUNCE" }], [row]).steps).toEqual(
      [],
    );
    const consented = planFor(
      [{ email: "A@x.fr", ...left, cause: "READER" }, byPublisher],
      [{ ...row, consentedAt: 9_000 }],
    );
    expect(kindsOf(consented.steps)).toEqual([
      ["resubscribe", "A@x.fr"],
      ["resubscribe", "a@x.fr"],
    ]);
  });

  test("only one of them gets the guid: the one that has it already, else the lowest", () => {
    const row = { email: "a@x.fr", fields: { guid: "7" } };
    expect(kindsOf(planFor(two, [row]).steps)).toEqual([["update", "a@x.fr"]]);
    expect(planFor([two[0]!, { email: "A@x.fr", fields: { guid: "7" } }], [row]).steps).toEqual([]);
  });
});

describe("the plan", () => {
  test("unsubscribes first", () => {
    const { steps } = planFor(
      [{ email: "b@x.fr" }, { email: "c@x.fr", fields: { guid: "1" } }, { email: "d@x.fr" }],
      [
        { email: "a@x.fr" },
        { email: "c@x.fr", fields: { guid: "2" } },
        { email: "d@x.fr", subscribed: false, cause: "READER" },
      ],
    );
    expect(kindsOf(steps)).toEqual([
      ["unsubscribe", "b@x.fr"],
      ["unsubscribe", "d@x.fr"],
      ["update", "c@x.fr"],
      ["subscribe", "a@x.fr"],
    ]);
  });

  test("rejects an address that no provider would accept", () => {
    const { steps, counts } = planFor([], [{ email: "user1@" }, { email: "a@x.fr" }]);
    expect(kindsOf(steps)).toEqual([
      ["rejected", "user1@"],
      ["subscribe", "a@x.fr"],
    ]);
    expect(counts.desired).toMatchObject({ subscribed: 1, rejected: 1 });
  });

  test("does not reject a strange address that the provider has, and so does not unsubscribe it", () => {
    const { steps, counts } = planFor([{ email: "strange address" }], [{ email: "strange address" }]);
    expect(steps).toEqual([]);
    expect(counts.planned.unchanged).toBe(1);
  });

  test("counts every address of either side once", () => {
    const { counts } = planFor(
      [
        { email: "same@x.fr" },
        {
          email: "out@x.fr",
          subscribed: false,
          cause: "READER",
          unsubscribedAt: 1,
        },
        {
          email: "gone@x.fr",
          subscribed: false,
          cause: "PUBLISHER",
          unsubscribedAt: 1,
        },
        {
          email: "bounced@x.fr",
          subscribed: false,
          cause: "HARD_BOUNCE",
          unsubscribedAt: 1,
        },
        { email: "recent@x.fr", recent: true },
      ],
      [{ email: "same@x.fr" }, { email: "out@x.fr" }, { email: "bounced@x.fr" }, { email: "new@x.fr" }],
    );
    expect(counts).toMatchObject({
      current: { subscribed: 2, unsubscribed: 3 },
      desired: { subscribed: 4, unsubscribed: 0 },
      planned: {
        subscribe: 1,
        resubscribe: 0,
        update: 0,
        unsubscribe: 0,
        unchanged: 2,
      },
      kept: { optedOut: 1, bounced: 1, recent: 1, onlyAtProvider: 0 },
    });
  });

  test("keeps very long addresses and values complete", () => {
    const long = `${"é".repeat(5_000)}@x.fr`;
    const row = {
      email: long,
      fields: { guid: "g".repeat(300), data_firstname: "日".repeat(40_000) },
    };
    const { steps } = planFor([{ email: long }], [row]);
    expect(steps).toMatchObject([{ kind: "update", email: long, fields: row.fields }]);
  });
});
