import { describe, expect, test } from "vitest";
import type { Contact } from "../../../../functions/providers/constant-contact/contact.ts";
import {
  lagMs,
  mergeAbsence,
  mergeAddition,
  mergeReading,
  mergeRemoval,
} from "../../../../functions/providers/constant-contact/mirror/merge-contact.ts";
import type { MirrorContact } from "../../../../functions/providers/constant-contact/mirror/mirror-contact.ts";
import { day, minute } from "./in-memory-account.ts";

const now = Date.UTC(2026, 10, 30, 6);
const hour = 60 * minute;

const contact = (changes: Partial<Contact> = {}): Contact => ({
  id: "a",
  email: "a@example.fr",
  permission: "implicit",
  createdAt: now - 9 * day,
  updatedAt: now - 9 * day,
  lists: ["daily"],
  fields: {},
  ...changes,
});
const known = (changes: Partial<MirrorContact> = {}): MirrorContact => ({
  ...contact(),
  seenAt: now - hour,
  ...changes,
});
const times = { beganAt: now, endedAt: now + minute, previousAt: now - 2 * hour };

describe("mergeReading", () => {
  test("a contact that was not known has no history", () => {
    expect(mergeReading(undefined, contact(), times)).toEqual({ ...contact(), seenAt: times.endedAt });
  });

  test("a list that is gone was left by the reader, when it was noticed at the latest", () => {
    const { lists, left } = mergeReading(known(), contact({ lists: [] }), times);
    expect({ lists, left }).toEqual({ lists: [], left: { daily: { at: times.endedAt, by: "READER" } } });
  });

  test("what was left stays left, with the time at which it was first noticed", () => {
    const left = { daily: { at: now - day, by: "READER" as const } };
    expect(mergeReading(known({ lists: [], left }), contact({ lists: [] }), times).left).toEqual(left);
  });

  test("a list that is new was joined when the contact changed, or after the refresh before", () => {
    const before = known({ lists: [], seenAt: now - day });
    const changed = mergeReading(before, contact({ updatedAt: now - hour }), times);
    expect(changed.joined).toEqual({ daily: now - hour });
    expect(mergeReading(before, contact(), times).joined).toEqual({ daily: times.previousAt });
  });

  test("a list that is back was joined when the contact changed, or after they were last seen off it", () => {
    const before = known({ lists: [], left: { daily: { at: now - day, by: "READER" } }, seenAt: now - day });
    const changed = mergeReading(before, contact({ updatedAt: now - hour }), times);
    expect(changed).toMatchObject({ left: undefined, joined: { daily: now - hour } });
    expect(mergeReading(before, contact(), times).joined).toEqual({ daily: before.seenAt });
  });

  test("a removal that had no effect is no newer subscription than it", () => {
    const removal = { list: "daily", by: "PUBLISHER", at: now - day, isDone: true } as const;
    const removed = mergeRemoval(known({ seenAt: now - 2 * day }), removal);
    expect(mergeReading(removed, contact(), times)).toMatchObject({
      lists: ["daily"],
      joined: { daily: removal.at },
    });
  });

  test("a change that another run read just before a removal does not undo it", () => {
    const removal = { list: "daily", by: "PUBLISHER", at: now + minute, isDone: true } as const;
    const removed = mergeRemoval(known(), removal);
    const changed = contact({ updatedAt: now - minute, fields: { data_first_name: "Ana" } });
    expect(mergeReading(removed, changed, times)).toMatchObject({
      lists: [],
      left: { daily: { by: "PUBLISHER" } },
      fields: changed.fields,
    });
    const back = contact({ updatedAt: now + 2 * minute });
    expect(mergeReading(removed, back, { ...times, beganAt: now + 3 * minute }).lists).toEqual(["daily"]);
  });

  test("soon after a departure, a list counts as joined again only if a run of ours put the contact on it", () => {
    const before = known({
      lists: [],
      left: { daily: { at: now - hour, by: "READER" } },
      seenAt: now - minute,
    });
    expect(mergeReading(before, contact(), times)).toMatchObject({ lists: [], left: before.left });
    const addedTo = (list: string) => mergeAddition(before, { list, beganAt: now - minute, endedAt: now });
    expect(mergeReading(addedTo("daily"), contact(), times)).toMatchObject({
      lists: ["daily"],
      left: undefined,
    });
    expect(mergeReading(addedTo("weekly"), contact(), times).lists).toEqual(["weekly"]);
  });

  test("a list that a run of ours was removing was left with the run's cause", () => {
    const removing = mergeRemoval(known(), { list: "daily", by: "PUBLISHER", at: now - hour, isDone: false });
    expect(mergeReading(removing, contact({ lists: [] }), times).left).toEqual({
      daily: { at: times.endedAt, by: "PUBLISHER" },
    });
  });

  test("a removal that was not done is forgotten after a day", () => {
    const removing = mergeRemoval(known(), { list: "daily", by: "PUBLISHER", at: now - hour, isDone: false });
    expect(mergeReading(removing, contact(), times).left).toEqual(removing.left);
    const later = { beganAt: now + day, endedAt: now + day };
    expect(mergeReading(removing, contact(), later).left).toBeUndefined();
  });

  test("a deletion takes the contact off its lists; nobody has left by it", () => {
    const merged = mergeReading(known(), contact({ lists: [], deletedAt: now }), times);
    expect(merged.left).toEqual({ daily: { at: times.endedAt, by: "DELETION" } });
  });

  test("who opted out of everything before a deletion has left, and still has when they are back beside the list", () => {
    const optedOut = { permission: "unsubscribed", optedOutAt: now - minute } as const;
    const merged = mergeReading(known(), contact({ ...optedOut, lists: [], deletedAt: now }), times);
    expect(merged.left).toEqual({ daily: { at: times.endedAt, by: "READER" } });
    const back = contact({ lists: ["weekly"], updatedAt: now + hour });
    expect(mergeReading(merged, back, { beganAt: now + day, endedAt: now + day }).left).toEqual(merged.left);
  });

  test("of two readings close to each other, the one with older clocks is stale", () => {
    const optedOut = { permission: "unsubscribed", optedOutAt: now - 5 * minute } as const;
    const before = known({ ...optedOut, seenAt: now - minute });
    expect(mergeReading(before, contact(), times)).toEqual(before);
    expect(mergeReading({ ...before, seenAt: now - hour }, contact(), times).permission).toBe("implicit");
  });

  test("of two readings close to each other with the same clocks, a departure wins whichever comes first", () => {
    const member = contact();
    const gone = contact({ lists: [] });
    const before = known({ seenAt: now - hour });
    const close = { beganAt: now + minute, endedAt: now + 2 * minute };
    for (const [first, second] of [
      [member, gone],
      [gone, member],
    ] as const) {
      const merged = mergeReading(mergeReading(before, first, times), second, close);
      expect(merged.lists).toEqual([]);
      expect(merged.left?.["daily"]?.by).toBe("READER");
    }
  });

  test("a member who was never seen to leave may join while readings are close to each other", () => {
    const close = { beganAt: now + minute, endedAt: now + 2 * minute };
    const before = mergeReading(undefined, contact({ lists: [] }), times);
    expect(mergeReading(before, contact(), close).lists).toEqual(["daily"]);
  });

  test("whom a deletion took off a list may be back on it while readings are close to each other", () => {
    const close = { beganAt: now + minute, endedAt: now + 2 * minute };
    const deleted = mergeReading(known(), contact({ lists: [], deletedAt: now }), times);
    expect(mergeReading(deleted, contact(), close)).toMatchObject({ lists: ["daily"], left: undefined });
  });
});

describe("mergeRemoval", () => {
  const done = { list: "daily", by: "PUBLISHER", at: now, isDone: true } as const;

  test("a removal that is done takes the contact off the list", () => {
    const before = known({ joined: { daily: now - day } });
    expect(mergeRemoval(before, done)).toMatchObject({
      lists: [],
      left: { daily: { at: now, by: "PUBLISHER" } },
      joined: undefined,
    });
  });

  test("who had left by themselves has left by themselves", () => {
    const before = known({ lists: [], left: { daily: { at: now - day, by: "READER" } } });
    expect(mergeRemoval(before, done)).toEqual(before);
  });
});

describe("mergeAddition", () => {
  const added = { list: "daily", beganAt: now - minute, endedAt: now };
  const outside = known({ lists: [], left: { daily: { at: now - day, by: "READER" } } });

  test("whom a run put on a list is on it, since it asked for that", () => {
    expect(mergeAddition(outside, added)).toMatchObject({
      lists: ["daily"],
      left: undefined,
      joined: { daily: added.beganAt },
    });
  });

  test("a reading that may come from a lagging index does not take them off it, and a later one does", () => {
    const member = mergeAddition(outside, added);
    const gone = contact({ lists: [], updatedAt: now });
    const close = { beganAt: now + lagMs - 1, endedAt: now + lagMs };
    const later = { beganAt: now + lagMs, endedAt: now + hour };
    expect(mergeReading(member, gone, close).lists).toEqual(["daily"]);
    for (const before of [member, mergeReading(member, gone, close)]) {
      expect(mergeReading(before, gone, later)).toMatchObject({
        lists: [],
        left: { daily: { at: later.endedAt, by: "READER" } },
      });
    }
  });

  test("an opt-out counts at once, and so do a deletion and a removal by a run of ours", () => {
    const member = mergeAddition(outside, added);
    const soon = { beganAt: now + minute, endedAt: now + minute };
    const optedOut = contact({ lists: [], permission: "unsubscribed", optedOutAt: now });
    expect(mergeReading(member, optedOut, soon).permission).toBe("unsubscribed");
    expect(mergeReading(member, contact({ lists: [], deletedAt: now }), soon).lists).toEqual([]);
    const removal = { list: "daily", by: "PUBLISHER", at: now, isDone: true } as const;
    expect(mergeReading(mergeRemoval(member, removal), contact({ lists: [] }), soon).lists).toEqual([]);
  });

  test("who was deleted before anybody looked was taken off the list by that", () => {
    const deleted = known({ lists: [], deletedAt: now, seenAt: now + minute });
    const merged = mergeAddition(deleted, added);
    expect(merged).toMatchObject({ lists: [], left: { daily: { at: now + minute, by: "DELETION" } } });
    expect(mergeAddition(merged, added)).toEqual(merged);
    const revived = mergeReading(merged, contact({ lists: [] }), { beganAt: now + day, endedAt: now + day });
    expect(revived.left).toEqual(merged.left);
  });

  test("who opted out of everything and was deleted before anybody looked has left the list", () => {
    const gone = known({ lists: [], permission: "unsubscribed", deletedAt: now, seenAt: now + minute });
    expect(mergeAddition(gone, added).left).toEqual({ daily: { at: now + minute, by: "READER" } });
  });

  test("who was read since and is not on the list has left it", () => {
    const seen = known({ lists: [], seenAt: now + hour });
    const merged = mergeAddition(seen, added);
    expect(merged).toMatchObject({ lists: [], left: { daily: { at: now + hour, by: "READER" } } });
    expect(mergeAddition(merged, added)).toEqual(merged);
  });
});

describe("mergeAbsence", () => {
  test("a contact that a whole reading does not show is deleted, and keeps its history", () => {
    const left = { weekly: { at: now - day, by: "READER" as const } };
    const gone = mergeAbsence(known({ left }), times);
    expect(gone).toMatchObject({ deletedAt: times.endedAt, lists: [] });
    expect(gone.left).toEqual({ ...left, daily: { at: times.endedAt, by: "DELETION" } });
  });

  test("a contact that another run saw meanwhile is not", () => {
    const seen = known({ seenAt: now + 1 });
    expect(mergeAbsence(seen, times)).toEqual(seen);
  });
});
