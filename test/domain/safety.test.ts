import { describe, expect, test } from "vitest";
import { type LimitName, limitsSchema } from "../../functions/domain/limits.ts";
import { type Group, type GroupCounts, noChanges, type PlanSummary } from "../../functions/domain/plan.ts";
import { type DoneInADay, findRefusals, waits } from "../../functions/domain/safety.ts";

const limits = limitsSchema.parse({
  unsubscribe: { ratio: 0.1, floor: 5 },
  subscribe: { ratio: 0.5, floor: 5 },
  resubscribe: { ratio: 0.01, floor: 2 },
  update: { ratio: 0.2, floor: 5 },
  reject: { ratio: 0.01, floor: 2 },
});
const nothing: GroupCounts = noChanges();

interface Sizes {
  readonly subscribed?: number;
  readonly unsubscribed?: number;
  readonly rows?: number;
  readonly rejected?: number;
  readonly refusedBefore?: PlanSummary["refusedBefore"];
}

const noneRefused = { optOut: 0, unsubscribe: 0 };

function planOf(
  planned: Partial<GroupCounts>,
  { subscribed = 100, unsubscribed = 0, rows = 100, rejected = 0, refusedBefore = noneRefused }: Sizes = {},
): PlanSummary {
  const desired = { subscribed: rows - rejected, rejected };
  const chunks = Object.entries(planned).map(([group, changes]) => ({
    group: group as Group,
    number: 0,
    changes,
    sha256: "",
  }));
  return {
    planId: "plan",
    list: "daily",
    createdAt: "",
    sourceReadAt: "",
    expiresAt: "",
    columns: [],
    current: { subscribed, unsubscribed },
    desired: {
      unsubscribed: 0,
      undecided: 0,
      duplicates: 0,
      sharedGuids: 0,
      unreadableConsents: 0,
      ...desired,
    },
    planned: {
      ...{ subscribe: 0, resubscribe: 0, update: 0, unsubscribe: 0, unchanged: 0 },
      returns: { unsubscribed: 0, bounced: 0, subscribed: 0, updated: 0 },
    },
    kept: {
      optedOut: 0,
      bounced: 0,
      publisher: 0,
      mayHaveLeft: 0,
      tempHold: 0,
      pending: 0,
      notSet: 0,
      deleted: 0,
      undecided: 0,
      recent: 0,
      grace: 0,
      shielded: 0,
      onlyAtProvider: 0,
      refused: 0,
    },
    notLifted: 0,
    notCleared: 0,
    refusedBefore,
    chunks,
  };
}

/** What runs of the last 24 hours did. */
function spent(done: Partial<GroupCounts> = {}): DoneInADay {
  return { spent: { ...nothing, ...done }, isFilling: false };
}

/** Which groups wait, and because of which limits. */
function judged(planned: Partial<GroupCounts>, sizes?: Sizes, done: Partial<GroupCounts> = {}) {
  const refusals = findRefusals(planOf(planned, sizes), spent(done), limits);
  return Object.fromEntries(refusals.map(({ limit, groups }) => [limit, groups])) as Partial<
    Record<LimitName, Group[]>
  >;
}

test("a refusal has every number", () => {
  const [refusal] = findRefusals(planOf({ unsubscribe: 41 }), spent({ unsubscribe: 2 }), limits);
  expect(refusal?.message).toBe(
    "it would unsubscribe 41 of 100 subscribers (41.0 %), beside 2 within the last 24 hours; " +
      "the limit for a day is 5, or 10 % if that is more",
  );
});

test.each([
  ["at the ratio", 100, 10, true],
  ["past the ratio", 100, 11, false],
  ["at the floor of a small list", 6, 5, true],
  ["past the floor of a small list", 6, 6, false],
  ["past the floor, below the ratio", 1_000, 60, true],
])("unsubscribing %s: %d subscribers, %d to leave, safe is %s", (_, subscribed, unsubscribe, safe) => {
  expect(judged({ unsubscribe }, { subscribed })).toEqual(safe ? {} : { unsubscribe: ["unsubscribe"] });
});

test.each([
  ["of 80", 80, 40, true],
  ["of 80", 80, 41, false],
  ["of 12, where ten may always", 12, 10, true],
  ["of 12, where ten may always", 12, 11, false],
])(
  "a floor is half the list at the most: %s, %d subscribers, %d to leave, safe is %s",
  (_, subscribed, missing, safe) => {
    const refusals = findRefusals(planOf({ missing }, { subscribed }), spent(), limitsSchema.parse({}));
    expect(refusals.length === 0).toBe(safe);
  },
);

describe("each limit is judged by itself", () => {
  test("opt-outs go although whoever is missing has to wait", () => {
    expect(judged({ unsubscribe: 5, missing: 80, subscribe: 3 })).toEqual({ unsubscribe: ["missing"] });
  });

  test("opt-outs go although a thousand new readers have to wait", () => {
    expect(judged({ unsubscribe: 5, subscribe: 1300 })).toEqual({ subscribe: ["subscribe"] });
  });

  test("both wait when opt-outs alone exceed the limit", () => {
    expect(judged({ unsubscribe: 41, missing: 2 })).toEqual({ unsubscribe: ["unsubscribe", "missing"] });
  });

  test("opt-outs go although the publisher takes too many off the list", () => {
    expect(judged({ optOut: 5, unsubscribe: 80, missing: 2 })).toEqual({
      unsubscribe: ["unsubscribe", "missing"],
    });
    expect(judged({ optOut: 11, unsubscribe: 1 })).toEqual({ unsubscribe: ["optOut", "unsubscribe"] });
    expect(judged({ optOut: 9, unsubscribe: 2 })).toEqual({ unsubscribe: ["unsubscribe"] });
  });

  test("rows that the provider refused before do not use up the limit", () => {
    const refusedBefore = { optOut: 30, unsubscribe: 40 };
    expect(judged({ optOut: 35, unsubscribe: 44, missing: 1 }, { refusedBefore })).toEqual({});
    expect(judged({ optOut: 35, unsubscribe: 44, missing: 2 }, { refusedBefore })).toEqual({
      unsubscribe: ["missing"],
    });
    expect(judged({ optOut: 41 }, { refusedBefore })).toEqual({ unsubscribe: ["optOut"] });
  });

  test("whoever is missing waits when opt-outs have used up the limit", () => {
    expect(judged({ unsubscribe: 8, missing: 3 })).toEqual({ unsubscribe: ["missing"] });
    expect(judged({ unsubscribe: 7, missing: 3 })).toEqual({});
  });

  test("whoever is missing waits where too many rows of the source were set aside; nobody else does", () => {
    const planned = { unsubscribe: 5, missing: 2, subscribe: 5 };
    expect(judged(planned, { rows: 200, rejected: 3 })).toEqual({ reject: ["missing"] });
    expect(judged(planned, { rows: 400, rejected: 4 })).toEqual({});
  });

  test("set-aside rows harm nobody where nobody is missing", () => {
    expect(judged({ subscribe: 5 }, { rows: 100, rejected: 50 })).toEqual({});
  });

  test("resubscriptions have a limit of their own", () => {
    expect(judged({ resubscribe: 3, subscribe: 50 })).toEqual({ resubscribe: ["resubscribe"] });
  });

  test("values that change are limited, values where there were none are not", () => {
    expect(judged({ update: 21, fill: 100 })).toEqual({ update: ["update"] });
    expect(judged({ update: 20 })).toEqual({});
  });
});

test("an empty list may be filled, but not one whose readers all left", () => {
  expect(judged({ subscribe: 100_000 }, { subscribed: 0 })).toEqual({});
  const allLeft = { subscribed: 0, unsubscribed: 100_000 };
  expect(judged({ subscribe: 100_000 }, allLeft)).toEqual({ subscribe: ["subscribe"] });
  expect(judged({ resubscribe: 100_000 }, allLeft)).toEqual({ resubscribe: ["resubscribe"] });
});

test("a list that is being filled has no limit on new readers, and every other one", () => {
  const planned = { subscribe: 70, missing: 11, resubscribe: 3, update: 21 };
  const refusals = findRefusals(planOf(planned), { spent: nothing, isFilling: true }, limits);
  expect(refusals.map(({ limit }) => limit)).toEqual(["unsubscribe", "resubscribe", "update"]);
});

describe("what runs did within the last 24 hours", () => {
  test("counts too", () => {
    expect(judged({ missing: 6 }, {}, { missing: 5 })).toEqual({ unsubscribe: ["missing"] });
    expect(judged({ missing: 5 }, {}, { missing: 5 })).toEqual({});
  });

  test("is held against the list as it was a day ago", () => {
    const plan = planOf({ missing: 12 }, { subscribed: 14 });
    const half = limitsSchema.parse({ unsubscribe: { ratio: 0.9, floor: 0 } });
    expect(findRefusals(plan, spent({ missing: 6 }), half)).toEqual([]);
    expect(findRefusals(plan, spent({ missing: 7 }), half)).toHaveLength(1);
  });

  test("and who joined meanwhile makes no limit larger", () => {
    expect(judged({ subscribe: 30 }, { subscribed: 130 }, { subscribe: 30 })).toEqual({
      subscribe: ["subscribe"],
    });
    expect(judged({ subscribe: 20 }, { subscribed: 130 }, { subscribe: 30 })).toEqual({});
    expect(judged({ missing: 11 }, { subscribed: 130 }, { subscribe: 30 })).toEqual({
      unsubscribe: ["missing"],
    });
  });

  test("is held against a message with the limit that was exceeded", () => {
    const done = spent({ missing: 30 });
    const [refusal] = findRefusals(planOf({ missing: 10 }, { subscribed: 40 }), done, limitsSchema.parse({}));
    expect(refusal?.message).toContain("unsubscribe 10 of 40 subscribers (25.0 %), beside 30 within");
    expect(refusal?.message).toContain("the limit for a day is 35");
  });

  test("and is unknown takes no part in what the list was", () => {
    const unknown = { missing: Number.POSITIVE_INFINITY, subscribe: Number.POSITIVE_INFINITY };
    const planned = { unsubscribe: 10, missing: 1, subscribe: 1 };
    expect(judged(planned, {}, unknown)).toEqual({ unsubscribe: ["missing"], subscribe: ["subscribe"] });
  });

  test("takes nothing from opt-outs, if it was not opt-outs", () => {
    expect(judged({ unsubscribe: 10 }, {}, { missing: 10 })).toEqual({});
    expect(judged({ unsubscribe: 10 }, {}, { unsubscribe: 1 })).toEqual({ unsubscribe: ["unsubscribe"] });
  });

  test("refuses nothing where nothing is planned", () => {
    expect(judged({}, {}, { missing: 50, update: 50 })).toEqual({});
  });
});

test("a group waits if any refusal names it", () => {
  const refusals = findRefusals(planOf({ missing: 80, subscribe: 1 }), spent(), limits);
  expect([waits("missing", refusals), waits("subscribe", refusals)]).toEqual([true, false]);
});
