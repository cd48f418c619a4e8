import { describe, expect, test } from "vitest";
import { dailyList } from "../../../infra/sandbox/constant-contact/sandbox-options.ts";
import { start } from "../../providers/constant-contact/connect.ts";
import { AccountWorld, dayMs, hourMs, member, nothingPlanned, outsider } from "./account-world.ts";

describe("the flows that the provider describes", () => {
  test("sync new or changed contacts: what changed since the last sync is merged into the database", async () => {
    const world = await AccountWorld.create(
      [
        member("changed@x.fr", { first_name: "Ana" }),
        member("same@x.fr", { first_name: "Sam" }),
        member("leaver@x.fr"),
      ],
      [
        { email: "changed@x.fr", fields: { data_first_name: "Ana" } },
        { email: "same@x.fr", fields: { data_first_name: "Sam" } },
        { email: "leaver@x.fr" },
      ],
      { list: { providerFields: ["data_first_name"] } },
    );
    expect((await world.apply()).planned).toMatchObject({ ...nothingPlanned, unchanged: 3 });
    world.sandbox.people.edit("changed@x.fr", { first_name: "Anaïs" });
    world.sandbox.people.signUp("new@x.fr", dailyList);
    world.sandbox.people.optOut("leaver@x.fr");
    const { planned, returned } = await world.apply();
    expect(planned).toMatchObject({
      ...nothingPlanned,
      returns: { unsubscribed: 1, bounced: 0, subscribed: 1, updated: 1 },
    });
    expect(returned.taken).toBe(3);
    // Only what changed was read, by each of the two clocks.
    expect(world.calls.filter((call) => call === "GET /contacts")).toHaveLength(2);
    expect(world.row("changed@x.fr")).toMatchObject({ fields: { data_first_name: "Anaïs" } });
    expect(world.row("new@x.fr")).toMatchObject({ subscribed: true });
    expect(world.row("leaver@x.fr")).toMatchObject({ subscribed: false, cause: "READER" });
    expect((await world.apply()).planned).toMatchObject(nothingPlanned);
    expect(world.imported).toEqual([]);
  });

  test("sync lists: the list and the database are compared, and both sides brought together", async () => {
    // Just after the first reading, which begins an hour later.
    const consentedAt = start + hourMs + 60_000;
    const world = await AccountWorld.create(
      [
        member("both@x.fr", { first_name: "Bo", custom_fields: { guid: "1" } }),
        member("left-us@x.fr"),
        member("unknown@x.fr"),
        outsider("may-have-left@x.fr"),
        outsider("consented@x.fr"),
      ],
      [
        { email: "both@x.fr", fields: { guid: "1", data_first_name: "Bob" } },
        { email: "left-us@x.fr", subscribed: false, cause: "READER" },
        { email: "may-have-left@x.fr" },
        { email: "consented@x.fr", consentedAt },
        { email: "added@x.fr", fields: { guid: "7", data_first_name: "Ada" } },
      ],
    );
    const { planned, kept, notes } = await world.apply();
    expect(planned).toMatchObject({ subscribe: 2, resubscribe: 0, update: 1, unsubscribe: 2 });
    expect(kept).toMatchObject({ mayHaveLeft: 1 });
    expect(notes.join()).toMatch(/which they may have left: 1/);
    expect(world.sandbox.membersOf(dailyList).sort()).toEqual(["added@x.fr", "both@x.fr", "consented@x.fr"]);
    expect(world.sandbox.contact("both@x.fr")).toMatchObject({
      first_name: "Bob",
      custom_fields: { guid: "1" },
    });
    expect((await world.apply()).planned).toMatchObject(nothingPlanned);
  });

  test("sync unsubscribed contacts: whoever unsubscribed since the last sync is recorded in the database", async () => {
    const emails = ["everything@x.fr", "list@x.fr", "editor@x.fr", "stays@x.fr"];
    const world = await AccountWorld.create(
      emails.map((email) => member(email)),
      emails.map((email) => ({ email, consentedAt: start - 50 * dayMs })),
    );
    await world.apply();
    const { people } = world.sandbox;
    people.optOut("everything@x.fr");
    people.optOut("editor@x.fr", { by: "Account" });
    people.leave("list@x.fr", dailyList);
    // Leaving one list moves no clock: the account is read whole once a day.
    world.pass(dayMs);
    const { planned, applied } = await world.apply();
    expect(planned).toMatchObject({ ...nothingPlanned, returns: { unsubscribed: 3 } });
    expect(applied.accepted).toBe(0);
    expect(world.row("everything@x.fr")).toMatchObject({ subscribed: false, cause: "READER" });
    expect(world.row("list@x.fr")).toMatchObject({ subscribed: false, cause: "READER" });
    expect(world.row("editor@x.fr")).toMatchObject({ subscribed: false, cause: "PUBLISHER" });
    expect((await world.apply()).planned).toMatchObject(nothingPlanned);
    expect(world.imported).toEqual([]);
  });

  test("bulk import: new data of the database is brought in with the right list_ids, and nothing else changes", async () => {
    const world = await AccountWorld.create(
      [member("known@x.fr", { first_name: "Kim", last_name: "Kept" })],
      [
        { email: "known@x.fr", fields: { guid: "1", data_first_name: "Kim" } },
        ...Array.from({ length: 9 }, (_, n) => ({
          email: `new${n}@x.fr`,
          fields: { guid: `n${n}`, data_first_name: `Neo ${n}` },
        })),
      ],
    );
    const { applied, discrepancies } = await world.apply();
    expect(applied).toMatchObject({ subscribe: 9, update: 1, accepted: 10, left: 0 });
    expect(discrepancies).toEqual([]);
    const bodies = world.sandbox.requests
      .filter(({ template }) => template.endsWith("contacts_json_import"))
      .map(({ body }) => body as { list_ids: string[]; import_data: object[] });
    expect(bodies.map(({ list_ids }) => list_ids)).toEqual([[dailyList], [dailyList]]);
    expect(bodies.flatMap(({ import_data }) => import_data)).toContainEqual({
      email: "known@x.fr",
      "cf:guid": "1",
    });
    expect(world.sandbox.contact("known@x.fr")).toMatchObject({
      last_name: "Kept",
      permission_to_send: "implicit",
      custom_fields: { guid: "1" },
    });
    expect(world.isSubscribed("new8@x.fr")).toBe(true);
    expect((await world.apply()).planned).toMatchObject({ ...nothingPlanned, unchanged: 10 });
  });
});
