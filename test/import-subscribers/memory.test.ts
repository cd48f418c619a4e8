import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import { metricsOf } from "../../functions/import-subscribers/metrics.ts";
import { openListMemory } from "../../functions/platform/storage/list-memory.ts";
import { memoryKey } from "../../functions/platform/storage/object-keys.ts";
import { emails, held, ImportWorld, left } from "./import-world.ts";

const now = new Date(Date.UTC(2026, 5, 1));

function memoryOf({ store }: ImportWorld) {
  const note = () => expect.unreachable();
  return openListMemory({ store, list: "daily", graceHours: 24, now: () => now, note });
}

const rowsOf = (from: number, to: number) => emails(from, to).map((email) => ({ email }));

/** As if a sync had sent this row, and the provider had refused it. */
async function rememberRefusal(world: ImportWorld, email: string, fields: Record<string, string> = {}) {
  const memory = memoryOf(world);
  const refusals = await memory.refusals();
  refusals.record({ kind: "subscribe", email, fields, saw: null, reason: "" }, now.getTime());
  await memory.save();
}

test("a row that the provider refused within a week is in no file, unless it has changed", async () => {
  const world = new ImportWorld([], [{ email: "bad@example.fr" }, { email: "good@example.fr" }]);
  await rememberRefusal(world, "bad@example.fr");
  const { kept } = await world.run();
  expect(kept.refused).toBe(1);
  expect(world.announced.map(({ email }) => email)).toEqual(["good@example.fr"]);
  world.rows = [{ email: "bad@example.fr", fields: { data_firstname: "Mended" } }, world.rows[1]!];
  await world.run();
  expect(world.provider.subscribers.has("bad@example.fr")).toBe(true);
});

test("whom an import unsubscribed may come back by the sync, and whom an editor did may not", async () => {
  const world = new ImportWorld(
    [
      ["stays@example.fr", held()],
      ["gone@example.fr", held()],
      ["by-editor@example.fr", left("PUBLISHER")],
    ],
    [{ email: "stays@example.fr" }],
  );
  world.givesConsents = false;
  await world.run();
  expect(world.provider.subscribers.get("gone@example.fr")?.subscribed).toBe(false);
  world.rows = [...world.rows, { email: "gone@example.fr" }, { email: "by-editor@example.fr" }];
  const { kept, planned } = await world.run();
  expect(kept.publisher).toBe(1);
  expect(planned.resubscribe).toBe(1);
  expect(world.provider.subscribers.get("gone@example.fr")?.subscribed).toBe(false);
});

test("the day's budget holds what is to be announced before the first announcement, then what was", async () => {
  const world = new ImportWorld(
    [["stays@example.fr", held()]],
    [
      { email: "stays@example.fr" },
      { email: "new.1@example.fr" },
      { email: "new.2@example.fr" },
      { email: "new.3@example.fr" },
    ],
  );
  world.settings = { import: { rowsPerFile: 1 } };
  const budget = () =>
    String(Buffer.from(world.store.objects.get(memoryKey("daily", "budget.json"))?.bytes ?? []));
  const seen: string[] = [];
  world.provider.answer = () => {
    seen.push(budget());
    if (seen.length === 2) throw new Error("the provider is down");
    return { id: 1, status: "uploaded" };
  };
  await expect(world.run()).rejects.toThrow("the provider is down");
  expect(seen[0]).toContain('"subscribe":3');
  expect(budget()).toContain('"subscribe":2');
});

test("an empty list whose first import is interrupted is filled by the next one, and then has its limit again", async () => {
  const world = new ImportWorld([], rowsOf(0, 100));
  world.settings = { limits: { subscribe: { ratio: 0.1, floor: 2 } }, import: { rowsPerFile: 10 } };
  world.provider.answer = () => {
    if (world.provider.links.length > 3) throw new Error("the provider is down");
    return { id: 1, status: "uploaded" };
  };
  await expect(world.run()).rejects.toThrow("the provider is down");
  expect(world.provider.subscribers.size).toBe(30);
  world.provider.answer = () => ({ id: 1, status: "uploaded" });
  expect((await world.run()).check.safe).toBe(true);
  expect(world.provider.subscribers.size).toBe(100);
  world.rows = rowsOf(0, 111);
  await expect(world.run()).rejects.toThrow(/subscribe 11 of 100 subscribers/);
});

test("an empty list whose first import is interrupted has its limit again once nothing is left to import", async () => {
  const world = new ImportWorld([], rowsOf(0, 20));
  world.settings = { limits: { subscribe: { ratio: 0.1, floor: 2 } }, import: { rowsPerFile: 10 } };
  const { answer } = world.provider;
  world.provider.answer = () => {
    if (world.provider.links.length > 1) throw new Error("the provider is down");
    return { id: 1, status: "uploaded" };
  };
  await expect(world.run()).rejects.toThrow("the provider is down");
  world.provider.answer = answer;
  world.rows = rowsOf(0, 10);
  expect((await world.run()).files).toEqual([]);
  world.rows = rowsOf(0, 20);
  await expect(world.run()).rejects.toThrow(/subscribe 10 of 10 subscribers/);
});

test("a lost budget makes an import as strict as a sync", async () => {
  const world = new ImportWorld([["stays@example.fr", held()]], [{ email: "stays@example.fr" }]);
  await world.run();
  world.store.objects.delete(memoryKey("daily", "budget.json"));
  world.rows = [...world.rows, { email: "new@example.fr" }];
  for (const _ of [1, 2]) await expect(world.run()).rejects.toThrow(/beside an unknown number within/);
});

const email = fc.constantFrom(
  "anna@example.fr",
  "ANNA@Example.fr",
  "Bruno@BÜCHER.example",
  "chloé@x.example.fr",
);
const value = fc.oneof(
  fc.constantFrom("a;b", " a", 'a"b', "Zoé"),
  fc.string({ unit: "grapheme", maxLength: 5 }),
);
const row = fc.record({
  email,
  fields: fc.record({ guid: fc.constantFrom("", "1", "2"), data_firstname: value }),
});

property.prop([fc.array(row, { minLength: 1, maxLength: 6 })])(
  "a file has the same bytes whether its rows are decided on one by one or are plainly new",
  async (rows) => {
    const plain = new ImportWorld([], rows);
    const decided = new ImportWorld([], rows);
    // As long as any refusal is remembered, no subscription is plain.
    await rememberRefusal(decided, "somebody@example.fr");
    const [one, other] = await Promise.all([plain.run({ dryRun: true }), decided.run({ dryRun: true })]);
    const texts = (world: ImportWorld, { files }: typeof one) =>
      files.map(({ key }) => world.files.textOf(key));
    expect(texts(plain, one)).toEqual(texts(decided, other));
    expect(one.planned).toEqual(other.planned);
  },
);

test("a row that was set aside is counted once, and by no dry run", async () => {
  const world = new ImportWorld([], [...rowsOf(0, 3), { email: "no address of example.fr" }]);
  const counted = async (event: Parameters<ImportWorld["run"]>[0]) => {
    const report = await world.run(event);
    return [report.desired.rejected, report.newlyRejected, metricsOf(report)["RowsQuarantined"]];
  };
  const scheduled = { scheduledAt: "2026-06-01T00:00:00Z" };
  expect(await counted(scheduled)).toEqual([1, 1, undefined]);
  expect(await counted({ dryRun: true })).toEqual([1, 1, 1]);
  expect(await counted({})).toEqual([1, 1, 1]);
  expect(await counted(scheduled)).toEqual([1, 0, 0]);
  world.rows.push({ email: "nor this one" });
  expect(await counted(scheduled)).toEqual([2, 1, 1]);
});
