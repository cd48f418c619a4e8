import { describe, expect, test } from "vitest";
import type { MirrorContact } from "../../../../functions/providers/constant-contact/mirror/mirror-contact.ts";
import {
  subscriberOf,
  subscriberOfShared,
} from "../../../../functions/providers/constant-contact/mirror/subscriber-of.ts";
import { day } from "./in-memory-account.ts";

const beganAt = Date.UTC(2026, 10, 30, 6);
const rules = { listId: "daily", beganAt };

const contact = (changes: Partial<MirrorContact> = {}): MirrorContact => ({
  id: "a",
  email: "a@example.fr",
  permission: "explicit",
  createdAt: beganAt - 9 * day,
  updatedAt: beganAt - 5 * day,
  lists: ["daily"],
  fields: { guid: "17" },
  seenAt: beganAt,
  ...changes,
});

const away = { lists: ["weekly"] };
const left = (by: "READER" | "PUBLISHER" | "DELETION") => ({ daily: { at: beganAt + day, by } });
const optedOut = { permission: "unsubscribed", optedOutAt: beganAt - day } as const;

describe("subscriberOf", () => {
  test.each<[string, Partial<MirrorContact>, string | undefined, number | undefined]>([
    ["opted out", { ...optedOut, optOutSource: "Contact" }, "READER_FINAL", beganAt - day],
    ["opted out, nobody knows by whom", { ...optedOut, ...away }, "READER_FINAL", beganAt - day],
    ["opted out by the account", { ...optedOut, optOutSource: "Account" }, "PUBLISHER_FINAL", beganAt - day],
    ["opted out and deleted", { ...optedOut, deletedAt: beganAt }, "READER_FINAL", beganAt - day],
    ["opted out at an unknown time", { permission: "unsubscribed" }, "READER_FINAL", undefined],
    ["deleted", { deletedAt: beganAt, ...away }, "DELETED", beganAt],
    ["on hold", { permission: "temp_hold" }, "TEMP_HOLD_MEMBER", undefined],
    ["on hold, elsewhere", { permission: "temp_hold", ...away }, "TEMP_HOLD", undefined],
    ["pending", { permission: "pending_confirmation" }, "PENDING_MEMBER", undefined],
    ["pending, elsewhere", { permission: "pending_confirmation", ...away }, "PENDING", undefined],
    ["without a permission", { permission: "not_set" }, "NOT_SET_MEMBER", undefined],
    ["without a permission, elsewhere", { permission: "not_set", ...away }, "NOT_SET", undefined],
    ["with a permission that is not documented", { permission: "unknown" }, "NOT_SET_MEMBER", undefined],
    ["who left", { ...away, left: left("READER") }, "READER", beganAt + day],
    ["whom a run of ours removed", { ...away, left: left("PUBLISHER") }, "PUBLISHER", beganAt + day],
    [
      "whom a run of ours removed, and who did something since",
      { ...away, left: left("PUBLISHER"), byReaderAt: beganAt + 2 * day },
      "MAY_HAVE_LEFT",
      beganAt + 2 * day,
    ],
    [
      "whom a deletion took off the list",
      { ...away, left: left("DELETION") },
      "MAY_HAVE_LEFT",
      beganAt + day,
    ],
    ["who was there before the mirror", away, "MAY_HAVE_LEFT", beganAt],
    ["who changed since", { ...away, updatedAt: beganAt + 1 }, "MAY_HAVE_LEFT", beganAt],
    ["who did something since", { ...away, byReaderAt: beganAt + 1 }, "MAY_HAVE_LEFT", beganAt + 1],
    [
      "who came by themselves later",
      { ...away, createdAt: beganAt + 1, updatedAt: beganAt + 3, byReaderAt: beganAt + 2 },
      "MAY_HAVE_LEFT",
      beganAt + 2,
    ],
  ])("a contact %s is unsubscribed", (_, changes, cause, unsubscribedAt) => {
    expect(subscriberOf(contact(changes), rules)).toEqual({
      email: "a@example.fr",
      subscribed: false,
      cause,
      ...(unsubscribedAt !== undefined && { unsubscribedAt }),
      fields: { guid: "17" },
    });
  });

  test.each<[string, Partial<MirrorContact>, number]>([
    ["noticed to join", { joined: { daily: beganAt }, optedInAt: beganAt - day }, beganAt],
    ["who opted in", { optedInAt: beganAt - 7 * day }, beganAt - 7 * day],
    ["who is just there", {}, beganAt - 9 * day],
    ["whom a run of ours is removing", { left: left("PUBLISHER") }, beganAt - 9 * day],
  ])("a member %s is subscribed", (_, changes, subscribedAt) => {
    const row = { email: "a@example.fr", subscribed: true, subscribedAt, fields: { guid: "17" } };
    expect(subscriberOf(contact(changes), rules)).toEqual(row);
    expect(subscriberOf(contact({ ...changes, permission: "implicit" }), rules)).toEqual(row);
  });

  test.each<[string, Partial<MirrorContact>]>([
    ["without an address", { email: undefined }],
    [
      "whom the account brought later, and who never joined",
      { ...away, createdAt: beganAt + 1, updatedAt: beganAt + 1 },
    ],
  ])("a contact %s is nobody", (_, changes) => {
    expect(subscriberOf(contact(changes), rules)).toBeUndefined();
  });

  test("where it is known who left, only they have left", () => {
    const known = { ...rules, joinKnown: "always" } as const;
    expect(subscriberOf(contact(away), known)).toBeUndefined();
    expect(subscriberOf(contact({ ...away, byReaderAt: beganAt + 1 }), known)).toBeUndefined();
    expect(subscriberOf(contact({ ...away, left: left("DELETION") }), known)).toBeUndefined();
    expect(subscriberOf(contact({ ...away, left: left("READER") }), known)?.cause).toBe("READER");
  });
});

describe("an address that two contacts have", () => {
  const dead = (changes: Partial<MirrorContact> = {}) =>
    contact({ id: "b", lists: [], deletedAt: beganAt, ...changes });
  const newcomer = contact({ ...away, createdAt: beganAt + 1 });

  test.each<[string, MirrorContact[], string | undefined]>([
    ["is what the living one is", [dead({ left: left("READER") }), contact()], undefined],
    [
      "is opted out if one of two living ones is",
      [contact(), contact({ id: "b", ...optedOut })],
      "READER_FINAL",
    ],
    ["is deleted if both are", [dead(), dead({ id: "c" })], "DELETED"],
    [
      "is opted out if both are deleted and one was",
      [dead(), dead({ id: "c", ...optedOut })],
      "READER_FINAL",
    ],
    ["keeps the departure of the deleted one", [newcomer, dead({ left: left("READER") })], "READER"],
    ["keeps the opt-out of the deleted one, which a consent may lift", [newcomer, dead(optedOut)], "READER"],
    [
      "may have left if the deleted one was on the list",
      [newcomer, dead({ left: left("DELETION") })],
      "MAY_HAVE_LEFT",
    ],
  ])("%s", (_, contacts, cause) => {
    const row = subscriberOfShared(contacts, rules);
    expect(row).toMatchObject({ email: "a@example.fr", subscribed: cause === undefined });
    expect(row?.cause).toBe(cause);
  });

  test("is nobody if the living one is and the deleted one never left", () => {
    expect(subscriberOfShared([newcomer, dead()], rules)).toBeUndefined();
  });
});
