import { describe, expect, test } from "vitest";
import { InvalidEventError } from "../../functions/domain/errors.ts";
import { importEventSchema } from "../../functions/import-subscribers/event.ts";
import { syncEventSchema } from "../../functions/sync-subscribers/event.ts";
import { held, ImportWorld } from "../import-subscribers/import-world.ts";
import { SyncWorld } from "../support/sync-world.ts";

const approval = { list: "daily", apply: "PLAN-ID", approve: ["unsubscribe"] };

describe.each([
  ["sync-subscribers", syncEventSchema],
  ["import-subscribers", importEventSchema],
])("an approval sent to %s", (_, schema) => {
  test("may say who approves", () => {
    const approvedBy = "Zoé Ñandú, circulation (2nd floor)";
    expect(schema.parse({ ...approval, approvedBy: ` ${approvedBy} ` })).toEqual({ ...approval, approvedBy });
    expect(schema.parse(approval)).toEqual(approval);
    expect(schema.parse({ ...approval, approvedBy: "x".repeat(100) })).toBeDefined();
  });

  test.each([
    "anna@example.fr",
    "Anna <anna@example.fr>",
    "x".repeat(101),
    "",
    " ",
    "Anna\nBruno",
    "\u202eannA",
  ])("says it in a name that a report may hold, and not in %j", (approvedBy) => {
    const { error } = schema.safeParse({ ...approval, approvedBy });
    const [issue] = error?.issues ?? [];
    expect(issue).toMatchObject({ path: ["approvedBy"] });
    expect(issue?.message).toBe(
      "expected a name of at most 100 characters without an @, as reports hold no address",
    );
  });

  test("is no other event", () => {
    const { apply: _, approve: __, ...run } = { ...approval, mode: "apply", approvedBy: "Anna" };
    expect(schema.safeParse(run).success).toBe(false);
    expect(schema.safeParse({ list: "daily", approvedBy: "Anna" }).success).toBe(false);
  });
});

const subscribers = () => [["gone@x.fr", held()] as const];
const worlds = {
  sync: (list: object) => {
    const world = new SyncWorld(subscribers(), [{ email: "new@x.fr" }], list);
    return { plan: () => world.run({ mode: "plan" }), run: (event: object) => world.run(event), world };
  },
  import: (list: object) => {
    const world = new ImportWorld(subscribers(), [{ email: "new@x.fr" }]);
    world.settings = list;
    return { plan: () => world.run({ dryRun: true }), run: (event: object) => world.run(event), world };
  },
};

describe.each(["sync", "import"] as const)("of a list's %s,", (job) => {
  test("the report says who approved a plan", async () => {
    const { plan, run } = worlds[job]({});
    const { check } = await plan();
    const { approval } = await run({ ...check.event, approvedBy: "Anna" });
    expect(approval).toEqual({ apply: check.event.apply, approvedBy: "Anna" });
  });

  test("an approval without a name is refused where the list requires one: the event that is shown has a place for it", async () => {
    const { plan, run, world } = worlds[job]({ requireApprovedBy: true });
    const { check } = await plan();
    const failure = await run(check.event).catch((error: Error) => error);
    expect(check.event).toMatchObject({ approvedBy: "YOUR NAME" });
    expect(failure).toBeInstanceOf(InvalidEventError);
    expect((failure as Error).message).toBe(
      'approvedBy: missing, as the list "daily" requires the name of who approves. A good event: ' +
        JSON.stringify(check.event),
    );
    expect(world.provider.subscribers.get("gone@x.fr")?.subscribed).toBe(true);
    await run({ ...check.event, approvedBy: "Anna" });
    expect(world.provider.subscribers.get("gone@x.fr")?.subscribed).toBe(false);
  });
});
