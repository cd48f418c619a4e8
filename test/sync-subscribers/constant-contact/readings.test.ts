import { describe, expect, test } from "vitest";
import { dailyList, type SandboxOptions } from "../../../infra/sandbox/constant-contact/sandbox-options.ts";
import { start } from "../../providers/constant-contact/connect.ts";
import { AccountWorld, dayMs, member, nothingPlanned, outsider } from "./account-world.ts";

/** Every way in which the documentation may be read, one at a time. */
const readings: [string, SandboxOptions][] = [
  ["as usual", {}],
  ["windows have their bounds", { bounds: "inclusive" }],
  [
    "every change moves the contact's clock",
    { updatedAtMovesWith: ["optOut", "membership", "deletion", "import"] },
  ],
  ["an import moves the contact's clock", { updatedAtMovesWith: ["import"] }],
  ["opt-outs are filtered only with their status", { optOutWindow: "with status=unsubscribed" }],
  ["opt-outs are not filtered", { optOutWindow: "never" }],
  ["an opt-out ends all memberships", { optOutKeepsLists: false }],
  ["contacts come by their age", { order: "oldest first" }],
  ["contacts come by their last change", { order: "last updated first", cursors: "contact" }],
  ["the last page has empty links", { lastPage: "empty links" }],
  ["times have milliseconds", { times: "with milliseconds" }],
  ["times have an offset", { times: "with an offset", deletedAt: "time" }],
  ["the index lags", { indexLagMs: 120_000 }],
  ["an import subscribes who opted out", { importOfOptedOut: "resubscribed" }],
  ["an import adds who opted out", { importOfOptedOut: "added" }],
  ["an import leaves leavers away", { importOfLeaver: "not added" }],
  ["an import leaves the deleted deleted", { importOfDeleted: "left deleted" }],
  ["an import adds the deleted a second time", { importOfDeleted: "a second contact" }],
  ["an import leaves out whom it is unsure of", { importOfUndecided: "not added" }],
  ["empty values clear", { emptyImportValues: "clear" }],
  ["bad rows are refused with all others", { badImportRows: "refused" }],
  ["only good rows are people", { personCount: "good rows" }],
  ["errors are objects", { activityErrors: "objects" }],
  ["activities take their time", { activities: { polls: 3 } }],
  ["activities are accepted with 202", { acceptedStatus: 202 }],
];

const consentedAt = start - 50 * dayMs;
const wanted = (email: string, fields = {}) => ({ email, consentedAt, fields });
/** Nobody may ever send these, in whatever reading. */
const away = [
  "out@x.fr",
  "editor@x.fr",
  "held@x.fr",
  "pending@x.fr",
  "unset@x.fr",
  "deleted@x.fr",
  "elsewhere@x.fr",
];

describe.each(readings)("%s", (_, options) => {
  test("nobody who is away is sent, each departure reaches the database, and both sides come to rest", async () => {
    const world = await AccountWorld.create(
      [
        member("stays@x.fr", { first_name: "Sam" }),
        member("clears@x.fr", { first_name: "Old" }),
        member("leaves@x.fr"),
        member("opts-out@x.fr"),
        member("goes@x.fr"),
        member("ends@x.fr"),
        member("out@x.fr", { permission_to_send: "unsubscribed" }),
        member("editor@x.fr", { permission_to_send: "unsubscribed", opt_out_source: "Account" }),
        member("held@x.fr", { permission_to_send: "temp_hold" }),
        member("pending@x.fr", { permission_to_send: "pending_confirmation" }),
        member("unset@x.fr", { permission_to_send: "not_set" }),
        outsider("deleted@x.fr", { deleted_at: new Date(start - 40 * dayMs).toISOString() }),
        outsider("elsewhere@x.fr", { updated_at: new Date(start - 40 * dayMs).toISOString() }),
        { sms_address: "+12025550100" },
      ],
      [
        wanted("stays@x.fr", { data_first_name: "Samuel" }),
        wanted("clears@x.fr"),
        ...["leaves", "opts-out", "goes", "new"].map((name) => wanted(`${name}@x.fr`)),
        { email: "ends@x.fr", subscribed: false, cause: "READER" },
        ...away.map((email) => wanted(email)),
      ],
      options,
    );
    const sent = new Set<string>();
    const apply = async () => {
      const { report, failure } = await world.run();
      expect(failure).toBeUndefined();
      for (const email of world.imported) sent.add(email);
      return report;
    };
    const first = await apply();
    expect(first.planned).toMatchObject({ subscribe: 1, update: 1, unsubscribe: 1 });
    expect(first.notCleared).toBe(1);
    expect([world.isSubscribed("new@x.fr"), world.isSubscribed("ends@x.fr")]).toEqual([true, false]);
    await apply();
    expect((await apply()).planned).toMatchObject(nothingPlanned);

    const { people } = world.sandbox;
    people.leave("leaves@x.fr", dailyList);
    people.optOut("opts-out@x.fr");
    people.delete("goes@x.fr");
    sent.clear();
    // Each of them has something new to be sent, which would put them back.
    for (const name of ["leaves", "opts-out", "goes"]) {
      const row = world.row(`${name}@x.fr`)!;
      world.rows[world.rows.indexOf(row)] = { ...row, fields: { data_first_name: "Back" } };
    }
    await apply();
    world.pass(dayMs);
    await apply();
    expect((await apply()).planned).toMatchObject(nothingPlanned);
    for (const name of ["leaves", "opts-out"]) {
      expect(world.row(`${name}@x.fr`)).toMatchObject({ subscribed: false, cause: "READER" });
    }
    const gone = ["leaves@x.fr", "opts-out@x.fr", "goes@x.fr"];
    expect([...sent].filter((email) => [...away, ...gone].includes(email))).toEqual([]);
    expect(gone.filter((email) => world.isSubscribed(email))).toEqual([]);
    expect(away.filter((email) => world.isSubscribed(email))).toEqual([]);
    expect(world.isSubscribed("stays@x.fr")).toBe(true);
  });
});
