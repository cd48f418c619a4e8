import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { CurrentMatcher } from "../../../functions/domain/diff/current-matcher.ts";
import { DesiredMatcher } from "../../../functions/domain/diff/desired-matcher.ts";
import { Planner } from "../../../functions/domain/diff/planner.ts";
import { SubscriberIndex } from "../../../functions/domain/diff/subscriber-index.ts";
import { packCurrent, packDesired } from "../../../functions/domain/records/pack-subscriber.ts";
import { RecordWriter } from "../../../functions/domain/records/record-writer.ts";
import type { CurrentSubscriber } from "../../../functions/domain/subscriber.ts";
import { type DesiredRow, desired } from "../../support/desired-rows.ts";

const columns = ["guid", "data_firstname"];

function plan(
  current: readonly (Partial<CurrentSubscriber> & { email: string })[],
  rows: readonly DesiredRow[],
) {
  const writer = new RecordWriter();
  for (const held of current)
    packCurrent(writer, columns, {
      subscribed: true,
      recent: false,
      fields: {},
      ...held,
    });
  const index = new SubscriberIndex(columns, current.length);
  const pages = new CurrentMatcher(index);
  pages.match({
    records: writer.finish(),
    showsGuid: true,
    showsData: true,
  });
  const matcher = new DesiredMatcher(index);
  for (const row of rows) packDesired(writer, columns, desired(row));
  matcher.match(writer.finish());
  const policy = {
    onlyAtProvider: "unsubscribe",
    resubscribeBounced: false,
  } as const;
  const planner = new Planner({ index, matcher, policy });
  return { steps: [...planner.steps()], counts: planner.counts };
}

const kinds = (steps: readonly { kind: string; email: string }[]) =>
  steps.map(({ kind, email }) => [kind, email]);

describe("rows of the source that share an address", () => {
  const both = (first: Partial<DesiredRow>, second: Partial<DesiredRow>) =>
    plan(
      [],
      [
        { email: "A@x.fr", ...first },
        { email: "a@X.fr", ...second },
      ],
    );

  test("are one subscriber, and the collision is counted", () => {
    const { steps, counts } = both({}, {});
    expect(kinds(steps)).toEqual([["subscribe", "A@x.fr"]]);
    expect(counts.desired).toMatchObject({
      subscribed: 1,
      unsubscribed: 0,
      duplicates: 1,
    });
  });

  test("the most recent wins if both carry a time, wherever it stands", () => {
    const older = { consentedAt: 1_000, subscribed: false };
    const newer = { consentedAt: 2_000, fields: { guid: "2" } };
    expect(both(older, newer).steps).toMatchObject([{ kind: "subscribe", fields: { guid: "2" } }]);
    expect(both(newer, older).steps).toMatchObject([{ kind: "subscribe", fields: { guid: "2" } }]);
    expect(both(older, newer).counts.desired).toMatchObject({
      subscribed: 1,
      unsubscribed: 0,
      duplicates: 1,
    });
  });

  test("unsubscribed wins if a time is missing or both are the same", () => {
    const left = { subscribed: false };
    expect(both({ consentedAt: 2_000 }, left).steps).toEqual([]);
    expect(both(left, { consentedAt: 2_000 }).steps).toEqual([]);
    expect(both({ consentedAt: 1 }, { ...left, consentedAt: 1 }).steps).toEqual([]);
    expect(both(left, {}).counts.desired).toMatchObject({
      subscribed: 0,
      unsubscribed: 1,
    });
  });

  test("the rules hold for an address that the provider has, however the first row matched", () => {
    const held = { email: "a@x.fr", fields: { guid: "1" } };
    const same = { email: "a@x.fr", fields: { guid: "1" }, consentedAt: 5_000 };
    const other = { email: "A@x.fr", fields: { guid: "2" } };
    expect(plan([held], [same, { ...other, consentedAt: 4_000 }]).steps).toEqual([]);
    expect(plan([held], [same, { ...other, consentedAt: 6_000 }]).steps).toMatchObject([
      { fields: { guid: "2" } },
    ]);
    expect(plan([held], [same, { ...other, subscribed: false }]).steps).toMatchObject([
      { kind: "unsubscribe" },
    ]);
    const gone = {
      email: "a@x.fr",
      subscribed: false,
      cause: "READER",
      unsubscribedAt: 9_000,
    } as const;
    expect(
      plan(
        [gone],
        [
          { email: "a@x.fr", subscribed: false },
          { ...same, consentedAt: 9_999 },
        ],
      ).steps,
    ).toEqual([]);
  });

  test("the order of the rows does not matter", () => {
    const timed = (consentedAt: number, subscribed: boolean) => ({
      email: "a@x.fr",
      consentedAt,
      subscribed,
    });
    const timeless = (subscribed: boolean) => ({ email: "a@x.fr", subscribed });
    const mixed = [
      [timed(1, false), timeless(false), timed(2, true)],
      [timed(2, true), timeless(true), timed(1, false)],
      [timed(1, false), timed(2, true), timeless(true)],
    ];
    for (const [one, two, three] of mixed as [DesiredRow, DesiredRow, DesiredRow][]) {
      const orders = [
        [one, two, three],
        [one, three, two],
        [two, one, three],
        [two, three, one],
        [three, one, two],
        [three, two, one],
      ];
      for (const rows of orders) {
        expect(plan([], rows).steps).toEqual([]);
        expect(kinds(plan([{ email: "a@x.fr" }], rows).steps)).toEqual([["unsubscribe", "a@x.fr"]]);
        expect(plan([], rows).counts.desired).toMatchObject({
          subscribed: 0,
          unsubscribed: 1,
          duplicates: 2,
        });
      }
    }
  });

  test("a third row is held against the winner of the first two", () => {
    const rows = [3_000, 9_000, 5_000].map((consentedAt) => ({
      email: "a@x.fr",
      consentedAt,
      fields: { guid: String(consentedAt) },
    }));
    const { steps, counts } = plan([], rows);
    expect(steps).toMatchObject([{ fields: { guid: "9000" } }]);
    expect(counts.desired.duplicates).toBe(2);
  });
});

const said = fc.record({
  subscribed: fc.boolean(),
  isReaders: fc.boolean(),
  consentedAt: fc.constantFrom(undefined, 1_000, 2_000),
});

property.prop([fc.array(said, { minLength: 1, maxLength: 4 }), fc.boolean(), fc.infiniteStream(fc.nat())])(
  "an unsubscription and its cause do not depend on the order of an address's rows",
  (saids, isHeld, order) => {
    const rows = saids.map(
      ({ subscribed, isReaders, consentedAt }): DesiredRow => ({
        email: "a@x.fr",
        subscribed,
        ...(!subscribed && { cause: isReaders ? "READER" : "PUBLISHER" }),
        ...(consentedAt !== undefined && { consentedAt }),
      }),
    );
    const shuffled = rows
      .map((row) => ({ row, at: order.next().value }))
      .sort((one, other) => one.at - other.at)
      .map(({ row }) => row);
    const held = isHeld ? [{ email: "a@x.fr" }] : [];
    const outcome = (from: readonly DesiredRow[]) => {
      const { steps, counts } = plan(held, [...from]);
      return [counts.desired, steps.map((step) => [step.kind, "cause" in step ? step.cause : ""])];
    };
    expect(outcome(shuffled)).toEqual(outcome(rows));
  },
);

test("a reader's opt-out that only a row without a time overrules again is sent as the reader's", () => {
  const out = { email: "a@x.fr", subscribed: false, cause: "READER", consentedAt: 1_000 } as const;
  const back = { email: "a@x.fr", consentedAt: 3_000 };
  const untimed = { email: "a@x.fr" };
  for (const rows of [
    [out, back, untimed],
    [untimed, back, out],
    [back, untimed, out],
  ]) {
    const { steps } = plan([{ email: "a@x.fr" }], rows);
    expect(steps).toMatchObject([{ kind: "unsubscribe", cause: "READER" }]);
  }
});

describe("rows that share a guid", () => {
  test("the least address keeps it, whichever came first", () => {
    const rows = ["c", "a", "b"].map((name) => ({ email: `${name}@x.fr`, fields: { guid: "7" } }));
    const { steps, counts } = plan([], rows);
    expect(steps.filter((step) => "fields" in step && step.fields["guid"] === "7")).toMatchObject([
      { email: "a@x.fr" },
    ]);
    expect(counts.desired.sharedGuids).toBe(2);
  });

  test("one who is kept as opted out leaves the guid to who is subscribed with it", () => {
    const { steps, counts } = plan(
      [{ email: "old@x.fr", subscribed: false, cause: "READER", fields: { guid: "1" } }],
      [
        { email: "old@x.fr", fields: { guid: "7" } },
        { email: "young@x.fr", fields: { guid: "7" } },
      ],
    );
    expect(steps).toMatchObject([{ kind: "subscribe", email: "young@x.fr", fields: { guid: "7" } }]);
    expect(counts.desired.sharedGuids).toBe(0);
  });

  test("one whose other fields change keeps the guid that the provider has of it", () => {
    const { steps } = plan(
      [{ email: "z@x.fr", fields: { guid: "7", data_firstname: "Zo" } }],
      [
        { email: "a@x.fr", fields: { guid: "7" } },
        { email: "z@x.fr", fields: { guid: "7", data_firstname: "Zoé" } },
      ],
    );
    expect(steps).toMatchObject([
      { kind: "update", email: "z@x.fr" },
      { kind: "subscribe", email: "a@x.fr", fields: {} },
    ]);
    expect(steps[1]).not.toHaveProperty("fields.guid");
  });

  test("one of them keeps it, the others go without, and they are counted", () => {
    const rows = ["a@x.fr", "b@x.fr", "c@x.fr"].map((email) => ({
      email,
      fields: { guid: "7" },
    }));
    const { steps, counts } = plan([], rows);
    expect(steps).toMatchObject([{ fields: { guid: "7" } }, { fields: {} }, { fields: {} }]);
    expect(steps[1]).not.toHaveProperty("fields.guid");
    expect(counts.desired.sharedGuids).toBe(2);
  });

  test("a guid that the provider holds for an unchanged row is not given to another", () => {
    const { steps } = plan(
      [{ email: "a@x.fr", fields: { guid: "7" } }],
      [
        { email: "a@x.fr", fields: { guid: "7" } },
        { email: "b@x.fr", fields: { guid: "7", data_firstname: "Zoé" } },
      ],
    );
    expect(steps).toMatchObject([{ kind: "subscribe", email: "b@x.fr", fields: { data_firstname: "Zoé" } }]);
    expect(steps[0]).not.toHaveProperty("fields.guid");
  });

  test("a row that was outdone by a later one of its address frees its guid", () => {
    const { steps } = plan(
      [],
      [
        { email: "a@x.fr", consentedAt: 1, fields: { guid: "7" } },
        { email: "a@x.fr", consentedAt: 2, fields: { guid: "8" } },
        { email: "b@x.fr", fields: { guid: "7" } },
      ],
    );
    expect(steps).toMatchObject([{ fields: { guid: "8" } }, { fields: { guid: "7" } }]);
  });

  test("a row that was outdone by one that matches the provider frees its guid too", () => {
    const { steps, counts } = plan(
      [{ email: "a@x.fr", fields: { guid: "8" } }],
      [
        { email: "a@x.fr", consentedAt: 1, fields: { guid: "7" } },
        { email: "a@x.fr", consentedAt: 2, fields: { guid: "8" } },
        { email: "b@x.fr", fields: { guid: "7" } },
      ],
    );
    expect(steps).toMatchObject([{ email: "b@x.fr", fields: { guid: "7" } }]);
    expect(counts.desired.sharedGuids).toBe(0);
  });

  test("a row that names no guid takes back the claim of the one that it outdoes", () => {
    const { steps } = plan(
      [{ email: "a@x.fr", fields: { guid: "7" } }],
      [
        { email: "a@x.fr", consentedAt: 1, fields: { guid: "7" } },
        { email: "a@x.fr", consentedAt: 2 },
        { email: "b@x.fr", fields: { guid: "7" } },
      ],
    );
    expect(steps).toMatchObject([{ email: "b@x.fr", fields: { guid: "7" } }]);
  });

  test("a guid that only the provider knows is nobody's in the source", () => {
    const { steps } = plan(
      [{ email: "a@x.fr", fields: { guid: "7" } }],
      [{ email: "a@x.fr" }, { email: "b@x.fr", fields: { guid: "7" } }],
    );
    expect(steps).toMatchObject([{ email: "b@x.fr", fields: { guid: "7" } }]);
  });

  test("an unsubscribed row sends no guid and so shares none", () => {
    const { steps, counts } = plan(
      [],
      [
        { email: "a@x.fr", subscribed: false, fields: { guid: "7" } },
        { email: "b@x.fr", fields: { guid: "7" } },
      ],
    );
    expect(steps).toMatchObject([{ email: "b@x.fr", fields: { guid: "7" } }]);
    expect(counts.desired.sharedGuids).toBe(0);
  });
});

describe("two spellings of one address at the provider", () => {
  const two = [{ email: "a@x.fr" }, { email: "A@x.fr" }];

  test("both follow the database", () => {
    expect(kinds(plan(two, []).steps)).toEqual([
      ["unsubscribe", "a@x.fr"],
      ["unsubscribe", "A@x.fr"],
    ]);
    const row = { email: "a@x.fr", fields: { data_firstname: "Ana" } };
    expect(kinds(plan(two, [row]).steps)).toEqual([
      ["update", "a@x.fr"],
      ["update", "A@x.fr"],
    ]);
  });

  test("an opt-out or a bounce under one spelling keeps the other from coming back", () => {
    const left = { subscribed: false, unsubscribedAt: 5_000 };
    const byPublisher = { email: "a@x.fr", ...left, cause: "PUBLISHER" } as const;
    const row = { email: "a@x.fr", consentedAt: 1_000 };
    const optedOut = plan([{ email: "A@x.fr", ...left, cause: "READER" }, byPublisher], [row]);
    expect(optedOut.steps).toEqual([]);
    expect(optedOut.counts.kept.optedOut).toBe(2);
    expect(plan([byPublisher, { email: "A@x.fr", ...left, cause: "HARD_BOUNCE" }], [row]).steps).toEqual([]);
    const consented = plan(
      [{ email: "A@x.fr", ...left, cause: "READER" }, byPublisher],
      [{ ...row, consentedAt: 9_000 }],
    );
    expect(kinds(consented.steps)).toEqual([
      ["resubscribe", "A@x.fr"],
      ["resubscribe", "a@x.fr"],
    ]);
  });

  test("only one of them gets the guid: the one that has it already, else the least", () => {
    const row = { email: "a@x.fr", fields: { guid: "7" } };
    expect(kinds(plan(two, [row]).steps)).toEqual([["update", "a@x.fr"]]);
    expect(plan([two[0]!, { email: "A@x.fr", fields: { guid: "7" } }], [row]).steps).toEqual([]);
  });
});

describe("the plan", () => {
  test("unsubscribes before it does anything else", () => {
    const { steps } = plan(
      [{ email: "b@x.fr" }, { email: "c@x.fr", fields: { guid: "1" } }, { email: "d@x.fr" }],
      [
        { email: "a@x.fr" },
        { email: "c@x.fr", fields: { guid: "2" } },
        { email: "d@x.fr", subscribed: false, cause: "READER" },
      ],
    );
    expect(kinds(steps)).toEqual([
      ["unsubscribe", "b@x.fr"],
      ["unsubscribe", "d@x.fr"],
      ["update", "c@x.fr"],
      ["subscribe", "a@x.fr"],
    ]);
  });

  test("rejects an address that no provider would take", () => {
    const { steps, counts } = plan([], [{ email: "user1@" }, { email: "a@x.fr" }]);
    expect(kinds(steps)).toEqual([
      ["rejected", "user1@"],
      ["subscribe", "a@x.fr"],
    ]);
    expect(counts.desired).toMatchObject({ subscribed: 1, rejected: 1 });
  });

  test("does not reject, and so unsubscribe, a strange address that the provider has", () => {
    const { steps, counts } = plan([{ email: "strange address" }], [{ email: "strange address" }]);
    expect(steps).toEqual([]);
    expect(counts.planned.unchanged).toBe(1);
  });

  test("counts every address of either side once", () => {
    const { counts } = plan(
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

  test("carries very long addresses and values whole", () => {
    const long = `${"é".repeat(5_000)}@x.fr`;
    const row = {
      email: long,
      fields: { guid: "g".repeat(300), data_firstname: "日".repeat(40_000) },
    };
    const { steps } = plan([{ email: long }], [row]);
    expect(steps).toMatchObject([{ kind: "update", email: long, fields: row.fields }]);
  });
});
