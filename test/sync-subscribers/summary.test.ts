import { describe, expect, test } from "vitest";
import type { Actor } from "../../functions/domain/errors.ts";
import type { LimitName } from "../../functions/domain/limits.ts";
import { groupsOf } from "../../functions/domain/limits.ts";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import { summaryOf } from "../../functions/sync-subscribers/summary.ts";

const none = { subscribe: 0, resubscribe: 0, update: 0, unsubscribe: 0 };
const event = { list: "daily", apply: "P1" };

function reportWith({
  exceeded = [],
  approval,
  mode = "apply",
  rejected = 0,
  planned = {},
  applied = {},
  returned = {},
}: {
  exceeded?: readonly LimitName[];
  approval?: SyncReport["approval"];
  mode?: SyncReport["mode"];
  rejected?: number;
  planned?: Partial<SyncReport["planned"]>;
  applied?: Partial<SyncReport["applied"]>;
  returned?: Partial<SyncReport["returned"]>;
}): Partial<SyncReport> {
  const desired = {
    subscribed: 5,
    unsubscribed: 0,
    undecided: 0,
    duplicates: 0,
    sharedGuids: 0,
    unreadableConsents: 0,
  };
  const refusals = exceeded.map((limit) => ({ limit, groups: groupsOf[limit], message: "it would" }));
  const approve = exceeded.length > 0 ? { approve: exceeded } : {};
  return {
    mode,
    ...(approval && { approval }),
    desired: { ...desired, rejected },
    planned: { ...none, unchanged: 0, returns: noReturns, ...planned },
    check: {
      safe: exceeded.length === 0,
      refusals,
      limits: [],
      refused: false,
      event: { ...event, ...approve },
    },
    applied: {
      batches: 0,
      accepted: 0,
      ...none,
      quarantined: 0,
      refusedAgain: 0,
      stale: 0,
      waiting: 0,
      left: 0,
      ...applied,
    },
    returned: {
      taken: 0,
      statements: [],
      stale: 0,
      waiting: 0,
      left: 0,
      repeated: 0,
      notTaken: 0,
      ...returned,
    },
  };
}

const noReturns = { unsubscribed: 0, bounced: 0, subscribed: 0, updated: 0 };
const failure = (name: string, actor: Actor) => ({ name, message: "shown elsewhere", actor });

describe("the summary of a sync", () => {
  test("says what was done, and nothing of what was not", () => {
    const applied = { unsubscribe: 21, subscribe: 1340, update: 12 };
    expect(summaryOf(reportWith({ applied }))).toBe("unsubscribed 21, subscribed 1,340, updated 12");
    expect(summaryOf(reportWith({}))).toBe("nothing to do");
  });

  test("counts what was set aside on either side", () => {
    const applied = { subscribe: 5, quarantined: 2 };
    expect(summaryOf(reportWith({ applied, rejected: 1 }))).toBe("subscribed 5; 3 set aside");
    expect(summaryOf(reportWith({ applied: { quarantined: 2 } }))).toBe(
      "no change was accepted; 2 set aside",
    );
    expect(summaryOf(reportWith({ applied: { refusedAgain: 1 } }))).toBe(
      "no change was accepted; 1 refused again",
    );
  });

  test("says what waits for a person, and shows the event that approves it", () => {
    const applied = { unsubscribe: 21, subscribe: 340, update: 12, waiting: 79 };
    const report = reportWith({ applied, rejected: 3, exceeded: ["unsubscribe"] });
    expect(summaryOf(report, failure("UnsafePlanError", "approver"))).toBe(
      "unsubscribed 21, subscribed 340, updated 12; 3 set aside; 79 unsubscriptions wait for approval: " +
        '{"list":"daily","apply":"P1","approve":["unsubscribe"]}',
    );
    const both = reportWith({ applied: { waiting: 900 }, exceeded: ["subscribe", "update"] });
    expect(summaryOf(both, failure("UnsafePlanError", "approver"))).toBe(
      'no change was accepted; 900 changes wait for approval: {"list":"daily","apply":"P1","approve":["subscribe","update"]}',
    );
  });

  test("says of a plan what it would do, what would have to wait, and shows the event that applies it", () => {
    const planned = { unsubscribe: 2, subscribe: 4 };
    const passes = reportWith({ mode: "plan", planned, applied: { left: 6 } });
    expect(summaryOf(passes)).toBe(
      'would unsubscribe 2, subscribe 4; {"list":"daily","apply":"P1"} applies it',
    );
    const waits = reportWith({
      mode: "plan",
      planned,
      applied: { left: 4, waiting: 2 },
      exceeded: ["reject"],
    });
    expect(summaryOf(waits)).toBe(
      "would unsubscribe 2, subscribe 4; 2 unsubscriptions would wait for approval: " +
        '{"list":"daily","apply":"P1","approve":["reject"]}',
    );
    expect(summaryOf(reportWith({ mode: "plan" }))).toBe("nothing to do");
  });

  test("says of an approval that nothing was left of it, or that something still waits", () => {
    const approval = { apply: "P1", approve: ["unsubscribe"] as const };
    const stale = reportWith({ approval, applied: { stale: 21_864 }, exceeded: ["unsubscribe"] });
    expect(summaryOf(stale)).toBe(
      "nothing was sent, as neither side asks any more for 21,864 approved changes",
    );
    const exceeded = ["unsubscribe", "update"] as const;
    const more = reportWith({ approval, applied: { unsubscribe: 79, waiting: 600 }, exceeded });
    expect(summaryOf(more)).toBe(
      'unsubscribed 79; more of the plan waits for approval: {"list":"daily","apply":"P1","approve":["unsubscribe","update"]}',
    );
  });

  test("says who acts after a failure, and what the next run does", () => {
    expect(summaryOf({}, failure("SourceError", "operator"))).toBe(
      "nothing was sent; SourceError, the operator mends it",
    );
    const cut = reportWith({ applied: { subscribe: 120, left: 880 } });
    expect(summaryOf(cut, failure("ProviderUnavailableError", "next run"))).toBe(
      "subscribed 120; 880 left for the next run; ProviderUnavailableError, the next run tries again",
    );
  });

  test("says what the database was told, what waits of it, and what the next run tells it", () => {
    expect(summaryOf(reportWith({ applied: { subscribe: 3 }, returned: { taken: 8 } }))).toBe(
      "subscribed 3, returned 8",
    );
    const refused = reportWith({ returned: { waiting: 1 }, exceeded: ["return"] });
    expect(summaryOf(refused, failure("UnsafePlanError", "approver"))).toBe(
      'no change was accepted; 1 return waits for approval: {"list":"daily","apply":"P1","approve":["return"]}',
    );
    const failed = reportWith({ returned: { left: 8 } });
    expect(summaryOf(failed, failure("SinkError", "operator"))).toBe(
      "no change was accepted; 8 left for the next run; SinkError, the operator mends it",
    );
  });

  test("says of a plan what it would return, but not what a list without `returns` cannot", () => {
    const returns = { ...noReturns, unsubscribed: 8 };
    const planned = { ...none, returns };
    expect(summaryOf(reportWith({ mode: "plan", planned, returned: { left: 8 } }))).toBe(
      'would return 8; {"list":"daily","apply":"P1"} applies it',
    );
    expect(summaryOf(reportWith({ mode: "plan", planned }))).toBe("nothing to do");
  });

  test("tells of another failure although something waits", () => {
    const report = reportWith({ applied: { waiting: 79 }, exceeded: ["unsubscribe"] });
    expect(summaryOf(report, failure("ProviderContractError", "provider"))).toContain(
      "; ProviderContractError, ask the provider",
    );
  });
});
