import { describe, expect, test } from "vitest";
import {
  type EarlierRows,
  type Resolution,
  type RowStatus,
  resolveDuplicate,
} from "../../functions/domain/resolve-duplicate.ts";

const may = Date.UTC(2026, 4, 1);
const june = Date.UTC(2026, 5, 1);
const times = { may, june, unknown: undefined };
type Time = keyof typeof times;

const statuses = {
  undecided: { subscribed: undefined, cause: undefined },
  subscribed: { subscribed: true, cause: undefined },
  unsubscribed: { subscribed: false, cause: "PUBLISHER" },
  optedOut: { subscribed: false, cause: "READER" },
} as const;
type Status = keyof typeof statuses;

function row(status: Status, consentedAt: Time): RowStatus {
  return { ...statuses[status], consentedAt: times[consentedAt] };
}

/** What the earlier rows came to, and one that gave way to them. */
function earlierRows(status: Status, consentedAt: Time, gaveWay?: RowStatus): EarlierRows {
  const counted = row(status, consentedAt);
  const all = gaveWay === undefined ? [counted] : [counted, gaveWay];
  return {
    ...counted,
    anyUnsubscribed: all.some(({ subscribed }) => subscribed === false),
    anyOptedOut: all.some(({ cause }) => cause === "READER"),
    anyUntimed: all.some((each) => each.consentedAt === undefined),
  };
}

const all: readonly Status[] = ["subscribed", "unsubscribed", "optedOut"];
const pairs = all.flatMap((earlier) => all.map((later) => [earlier, later] as const));

describe("an undecided row", () => {
  test.each(all)("never counts, and gives way to one that is %s", (status) => {
    expect(resolveDuplicate(row("undecided", "june"), earlierRows(status, "may"))).toBe("earlier");
    expect(resolveDuplicate(row(status, "may"), earlierRows("undecided", "june"))).toBe("row");
  });
});

describe("of two rows with different consent times", () => {
  test.each(pairs)("the later one counts: %s, then %s", (earlier, later) => {
    expect(resolveDuplicate(row(later, "june"), earlierRows(earlier, "may"))).toBe("row");
    expect(resolveDuplicate(row(later, "may"), earlierRows(earlier, "june"))).toBe("earlier");
  });
});

describe.each<readonly [Time, Time]>([
  ["may", "may"],
  ["may", "unknown"],
  ["unknown", "may"],
  ["unknown", "unknown"],
])("of a row of %s after one of %s, the unsubscribed one counts", (rowTime, earlierTime) => {
  test.each<readonly [Status, Status, Resolution]>([
    ["optedOut", "subscribed", "earlier"],
    ["optedOut", "unsubscribed", "earlier"],
    ["optedOut", "optedOut", "earlier"],
    ["unsubscribed", "subscribed", "earlier"],
    ["unsubscribed", "unsubscribed", "earlier"],
    ["unsubscribed", "optedOut", "optedOut"],
    ["subscribed", "unsubscribed", "unsubscribed"],
    ["subscribed", "optedOut", "optedOut"],
  ])("%s, then %s: %s", (earlier, later, resolution) => {
    expect(resolveDuplicate(row(later, rowTime), earlierRows(earlier, earlierTime))).toBe(resolution);
  });
});

describe("of two subscribed rows", () => {
  test.each<readonly [Time, Time, Resolution]>([
    ["may", "may", "earlier"],
    ["may", "unknown", "row"],
    ["unknown", "may", "earlier"],
    ["unknown", "unknown", "earlier"],
  ])("one of %s after one of %s: %s counts", (rowTime, earlierTime, resolution) => {
    const earlier = earlierRows("subscribed", earlierTime);
    expect(resolveDuplicate(row("subscribed", rowTime), earlier)).toBe(resolution);
  });
});

describe("a row that gave way to a later one", () => {
  const earlier = (gaveWay: Status) => earlierRows("subscribed", "june", row(gaveWay, "may"));

  test("counts again when a row has no time", () => {
    const untimed = row("subscribed", "unknown");
    expect(resolveDuplicate(untimed, earlier("unsubscribed"))).toBe("unsubscribed");
    expect(resolveDuplicate(untimed, earlier("optedOut"))).toBe("optedOut");
    expect(resolveDuplicate(row("unsubscribed", "unknown"), earlier("optedOut"))).toBe("optedOut");
  });

  test("does not while every row has one", () => {
    expect(resolveDuplicate(row("subscribed", "june"), earlier("optedOut"))).toBe("earlier");
    expect(resolveDuplicate(row("unsubscribed", "june"), earlier("optedOut"))).toBe("unsubscribed");
  });

  test("and had no time makes the times of the others useless", () => {
    const untimed = earlierRows("subscribed", "may", row("unsubscribed", "unknown"));
    expect(resolveDuplicate(row("subscribed", "june"), untimed)).toBe("unsubscribed");
  });

  test("and had no time leaves the choice between subscribed rows to the times of the others", () => {
    const untimed = earlierRows("subscribed", "may", row("subscribed", "unknown"));
    expect(resolveDuplicate(row("subscribed", "june"), untimed)).toBe("row");
    expect(resolveDuplicate(row("subscribed", "may"), untimed)).toBe("earlier");
  });

  test("makes an opt-out of an unsubscription when a row has no time", () => {
    const unsubscribed = earlierRows("unsubscribed", "june", row("optedOut", "may"));
    expect(resolveDuplicate(row("subscribed", "unknown"), unsubscribed)).toBe("optedOut");
    expect(resolveDuplicate(row("subscribed", "june"), unsubscribed)).toBe("earlier");
  });
});
