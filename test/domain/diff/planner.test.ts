import { describe, expect, test } from "vitest";
import { kindsOf, planFor, sourceReadAt } from "./plan-for.ts";

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
    const optedOut = { email: "A@x.fr", ...left, cause: "READER" } as const;
    const bounced = { email: "A@x.fr", ...left, cause: "HARD_BOUNCE" } as const;
    const always = { policy: { resubscribePublisher: "always" } } as const;
    const row = { email: "a@x.fr", consentedAt: 1_000 };
    expect(planFor([optedOut, byPublisher], [row], always).counts.kept.optedOut).toBe(2);
    expect(planFor([byPublisher, bounced], [row], always).counts.kept.bounced).toBe(2);
    expect(kindsOf(planFor([optedOut, byPublisher], [{ ...row, consentedAt: 9_000 }]).steps)).toEqual([
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
        { email: "recent@x.fr", subscribedAt: sourceReadAt },
        { email: "undecided@x.fr" },
      ],
      [
        { email: "same@x.fr" },
        { email: "out@x.fr" },
        { email: "bounced@x.fr" },
        { email: "new@x.fr" },
        { email: "undecided@x.fr", subscribed: undefined },
      ],
    );
    expect(counts).toMatchObject({
      current: { subscribed: 3, unsubscribed: 3 },
      desired: { subscribed: 4, unsubscribed: 0, undecided: 1 },
      planned: {
        subscribe: 1,
        resubscribe: 0,
        update: 0,
        unsubscribe: 0,
        unchanged: 2,
      },
      kept: { optedOut: 1, bounced: 1, recent: 1, undecided: 1, onlyAtProvider: 0 },
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

describe("one person is not one spelling", () => {
  const optedOut = { email: "Jean@x.fr", subscribed: false, cause: "READER", unsubscribedAt: 5_000 } as const;

  test.each([
    ["is the same on both sides", { email: "jean@x.fr" }],
    ["differs", { email: "jean@x.fr", fields: { data_firstname: "Jean" } }],
    ["is not in the source", { email: "other@x.fr" }],
  ])("an opt-out under one spelling unsubscribes another that %s", (_, row) => {
    const { steps } = planFor(
      [optedOut, { email: "jean@x.fr" }, { email: "other@x.fr" }],
      [row, { email: "other@x.fr" }],
    );
    expect(steps).toMatchObject([{ kind: "unsubscribe", email: "jean@x.fr", cause: "READER" }]);
  });

  test("an opt-out under one spelling is outweighed for all by a newer consent", () => {
    const { steps, counts } = planFor(
      [optedOut, { email: "jean@x.fr" }],
      [{ email: "jean@x.fr", consentedAt: 6_000 }],
    );
    expect(steps).toEqual([]);
    expect(counts.planned.unchanged).toBe(2);
  });

  test("a reader who came back under one spelling since the source was read is left alone under all", () => {
    const back = { email: "jean@x.fr", subscribedAt: sourceReadAt };
    const { steps, counts } = planFor(
      [{ email: "Jean@x.fr" }, back],
      [{ email: "jean@x.fr", subscribed: false }],
    );
    expect([steps, counts.kept.recent]).toEqual([[], 2]);
  });

  test("a spelling that subscribed after the opt-out stays, also where it is the same on both sides", () => {
    const later = { email: "jean@x.fr", subscribedAt: 7_000 };
    const { steps, counts } = planFor([optedOut, later], [{ email: "jean@x.fr", consentedAt: 1_000 }]);
    expect(steps).toEqual([]);
    expect(counts.kept.optedOut).toBe(1);
  });

  test("the page that shows the other spelling may come after everything else", () => {
    const { steps } = planFor([{ email: "jean@x.fr" }, optedOut], [{ email: "jean@x.fr" }]);
    expect(steps).toMatchObject([{ kind: "unsubscribe", email: "jean@x.fr", cause: "READER" }]);
  });
});

describe("a guid is the reader's id", () => {
  const old = {
    email: "claire.old@x.fr",
    subscribed: false,
    cause: "READER",
    unsubscribedAt: 5_000,
    fields: { guid: "r-77" },
  } as const;
  const anew = { email: "claire.new@x.fr", fields: { guid: "r-77" } };

  test("who opted out under another address is kept out under the new one", () => {
    const { steps, counts } = planFor([old], [{ ...anew, consentedAt: 4_000 }]);
    expect(steps).toEqual([]);
    expect(counts.kept.optedOut).toBe(1);
  });

  test.each([
    ["the consent is newer", old, { ...anew, consentedAt: 6_000 }],
    ["the guid is another one", old, { ...anew, fields: { guid: "r-78" } }],
    ["the other address bounced", { ...old, cause: "HARD_BOUNCE" }, anew],
    ["the other address was unsubscribed by the publisher", { ...old, cause: "PUBLISHER" }, anew],
  ] as const)("but not if %s", (_, current, row) => {
    expect(kindsOf(planFor([current], [row]).steps)).toEqual([["subscribe", "claire.new@x.fr"]]);
  });

  test("who has consented again under the other address is subscribed under both", () => {
    const { steps } = planFor([old], [{ email: "claire.old@x.fr", consentedAt: 6_000 }, anew]);
    expect(kindsOf(steps)).toEqual([
      ["resubscribe", "claire.old@x.fr"],
      ["subscribe", "claire.new@x.fr"],
    ]);
  });

  test("of two addresses that opted out, the later one counts", () => {
    const older = { ...old, email: "claire.older@x.fr", unsubscribedAt: 2_000 };
    expect(planFor([old, older], [{ ...anew, consentedAt: 3_000 }]).steps).toEqual([]);
    expect(planFor([older, old], [{ ...anew, consentedAt: 3_000 }]).steps).toEqual([]);
  });

  test("nor does it come back under an address that it was taken off", () => {
    const takenOff = {
      email: "claire.new@x.fr",
      subscribed: false,
      cause: "PUBLISHER",
      unsubscribedAt: 1_000,
    } as const;
    expect(planFor([old, takenOff], [{ ...anew, consentedAt: 4_000 }]).steps).toEqual([]);
    expect(kindsOf(planFor([old, takenOff], [{ ...anew, consentedAt: 6_000 }]).steps)).toEqual([
      ["resubscribe", "claire.new@x.fr"],
    ]);
  });
});

describe("a damaged address unsubscribes nobody", () => {
  const marie = { email: "marie@x.fr", fields: { guid: "5" } };

  test("whoever has the guid of a row that the source's reader rejected is kept", () => {
    const { steps, counts } = planFor([marie], [{ email: "other@x.fr" }], {
      shielded: [{ email: "marie@", guid: "5" }],
    });
    expect(kindsOf(steps)).toEqual([["subscribe", "other@x.fr"]]);
    expect(counts.kept.shielded).toBe(1);
  });

  test("so is whoever has the address of such a row, as its other columns may be the damaged ones", () => {
    const { counts } = planFor([{ email: "Marie@x.fr" }], [{ email: "other@x.fr" }], {
      shielded: [{ email: "marie@x.fr" }],
    });
    expect(counts.kept.shielded).toBe(1);
  });

  test("so is whoever has the guid of an address that no provider would accept", () => {
    const { steps } = planFor([marie], [{ email: "marie@@x", fields: { guid: "5" } }]);
    expect(kindsOf(steps)).toEqual([["rejected", "marie@@x"]]);
  });

  test("so is whoever has the guid under another spelling", () => {
    const { steps, counts } = planFor([marie, { email: "Marie@x.fr" }], [{ email: "other@x.fr" }], {
      shielded: [{ email: "marie@", guid: "5" }],
    });
    expect(kindsOf(steps)).toEqual([["subscribe", "other@x.fr"]]);
    expect(counts.kept.shielded).toBe(2);
  });

  test("so is everyone whose row has the same placeholder for an address, and each such row counts", () => {
    const rows = [5, 6, 7].map((guid) => ({ email: "n/a", fields: { guid: String(guid) } }));
    const readers = [5, 6, 7].map((guid) => ({ email: `r${guid}@x.fr`, fields: { guid: String(guid) } }));
    for (const first of [{}, { subscribed: false }, { subscribed: undefined }, { consentedAt: 1 }]) {
      const { steps, counts } = planFor(readers, [{ email: "n/a", ...first }, ...rows]);
      expect(steps.filter(({ kind }) => kind !== "rejected")).toEqual([]);
      expect(counts.kept.shielded).toBe(3);
      expect(counts.desired).toMatchObject({ subscribed: 0, undecided: 0, duplicates: 0 });
      expect(counts.desired.rejected + counts.desired.unsubscribed).toBe(4);
    }
  });

  test("so is whoever's row is undecided, and has such an address", () => {
    const { counts } = planFor(
      [marie],
      [{ email: "marie@@x", subscribed: undefined, fields: { guid: "5" } }],
    );
    expect(counts.kept.shielded).toBe(1);
    expect(counts.desired).toMatchObject({ undecided: 0, rejected: 1 });
  });

  test("but not of such a row that says unsubscribed", () => {
    const { steps } = planFor([marie], [{ email: "marie@@x", subscribed: false, fields: { guid: "5" } }]);
    expect(kindsOf(steps)).toEqual([["unsubscribe", "marie@x.fr"]]);
  });
});

describe("what earlier runs did", () => {
  const takenOff = {
    email: "a@x.fr",
    subscribed: false,
    cause: "PUBLISHER",
    unsubscribedAt: 100 * 3_600_000,
  } as const;
  const withoutConsents = { givesConsents: false };
  const act = (kind: "subscribed" | "unsubscribed", at: number) => ({ lastActOn: () => ({ kind, at }) });
  const at = takenOff.unsubscribedAt;

  test.each([
    ["a run unsubscribed it then", act("unsubscribed", at), "resubscribe"],
    ["a run unsubscribed it within an hour of that", act("unsubscribed", at - 3_600_000), "resubscribe"],
    ["a run unsubscribed it two hours before", act("unsubscribed", at - 2 * 3_600_000), "kept"],
    ["a run unsubscribed it long before", act("unsubscribed", at - 25 * 3_600_000), "kept"],
    ["a run subscribed it last", act("subscribed", at), "kept"],
    ["no run is remembered", {}, "kept"],
  ])("an unsubscription by the publisher: %s, so %3$s", (_, remembered, outcome) => {
    const { steps, counts } = planFor([takenOff], [{ email: "A@x.fr" }], {
      policy: withoutConsents,
      remembered,
    });
    expect(kindsOf(steps)).toEqual(outcome === "kept" ? [] : [["resubscribe", "a@x.fr"]]);
    expect(counts.kept.publisher).toBe(outcome === "kept" ? 1 : 0);
  });

  test("a time that is told to the day may be of any hour of it", () => {
    const told = { ...takenOff, unsubscribedAt: 120 * 3_600_000 - 1 };
    const kindsBy = (hour: number) => {
      const remembered = act("unsubscribed", hour * 3_600_000);
      return kindsOf(planFor([told], [{ email: "a@x.fr" }], { policy: withoutConsents, remembered }).steps);
    };
    expect(kindsBy(97)).toEqual([["resubscribe", "a@x.fr"]]);
    expect(kindsBy(95)).toEqual([]);
  });

  test("whoever subscribed a moment ago and is missing is kept, unless a run subscribed them", () => {
    const newcomer = { email: "a@x.fr", subscribedAt: sourceReadAt - 1_000 };
    expect(planFor([newcomer], []).counts.kept.grace).toBe(1);
    const remembered = act("subscribed", sourceReadAt - 60_000);
    expect(kindsOf(planFor([newcomer], [], { remembered }).steps)).toEqual([["unsubscribe", "a@x.fr"]]);
  });

  test("are asked for only where a decision depends on it", () => {
    const row = { email: "a@x.fr" };
    expect(planFor([takenOff], [row]).dependsOnActs).toBe(true);
    expect(planFor([{ email: "b@x.fr" }], [row], { policy: withoutConsents }).dependsOnActs).toBe(false);
    expect(planFor([{ email: "b@x.fr", subscribedAt: sourceReadAt }], []).dependsOnActs).toBe(true);
  });

  test("a row that the provider refused is not sent again", () => {
    const remembered = { wasRefused: ({ email }: { email: string }) => email === "bad@x.fr" };
    const { steps, counts } = planFor([], [{ email: "bad@x.fr" }, { email: "good@x.fr" }], { remembered });
    expect(kindsOf(steps)).toEqual([["subscribe", "good@x.fr"]]);
    expect(counts.kept.refused).toBe(1);
  });
});

describe("an undecided row", () => {
  test("gives way to any other row of its address, in either order", () => {
    const undecided = { email: "a@x.fr", subscribed: undefined, consentedAt: 9_000 };
    for (const said of [
      { email: "a@x.fr" },
      { email: "a@x.fr", subscribed: false, cause: "READER" } as const,
    ]) {
      const kinds = (rows: Parameters<typeof planFor>[1]) =>
        kindsOf(planFor([{ email: "a@x.fr" }], rows).steps);
      expect(kinds([undecided, said])).toEqual(kinds([said]));
      expect(kinds([said, undecided])).toEqual(kinds([said]));
    }
  });

  test("says nothing about the consent times of the others", () => {
    const rows = [
      { email: "a@x.fr", subscribed: false, cause: "READER", consentedAt: 1_000 } as const,
      { email: "a@x.fr", subscribed: undefined },
      { email: "a@x.fr", consentedAt: 2_000 },
    ];
    expect(kindsOf(planFor([], rows).steps)).toEqual([["subscribe", "a@x.fr"]]);
  });
});
