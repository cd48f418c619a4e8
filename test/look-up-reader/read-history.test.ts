import { expect, test } from "vitest";
import { readHistory } from "../../functions/look-up-reader/read-history.ts";
import { readQuarantine } from "../../functions/look-up-reader/read-quarantine.ts";
import { createReaderHash, hashReader } from "../../functions/platform/storage/history/reader-hash.ts";
import { RunHistory } from "../../functions/platform/storage/history/run-history.ts";
import { reportKey } from "../../functions/platform/storage/object-keys.ts";
import { Quarantine } from "../../functions/platform/storage/quarantine.ts";
import { bucketOver } from "../support/in-memory-bucket.ts";
import { InMemoryStore } from "../support/in-memory-store.ts";

const hash = createReaderHash("k".repeat(32));
const reader = hashReader(hash, "anna@example.fr");
const jobs = ["sync-subscribers"];
const now = new Date("2027-12-31T23:59:59Z");

class World {
  readonly store = new InMemoryStore();

  async run(at: string, { readHash = async () => hash } = {}): Promise<void> {
    const history = new RunHistory({
      ...{ store: this.store, list: "daily", run: { id: idOf(at), startedAt: new Date(at) } },
      ...{ about: { job: "sync-subscribers", startedBy: "schedule" }, readHash, note: () => undefined },
    });
    history.addSetAside({ email: "anna@example.fr", reason: "two rows" });
    await history.end();
    await this.report(at, { planned: {} });
  }

  async report(at: string, report: object): Promise<void> {
    await this.store.put(
      reportKey("sync-subscribers", "daily", idOf(at)),
      Buffer.from(JSON.stringify(report)),
    );
  }

  read() {
    return readHistory(bucketOver(this.store), { list: "daily", reader, jobs, now });
  }
}

function idOf(at: string): string {
  return `${at.replaceAll(/[-:]/g, "").replace(/\.\d+/, "")}-0`;
}

test("of a run that planned and of which the history has nothing, the day is a gap", async () => {
  const world = new World();
  await world.run("2026-11-28T04:00:00Z");
  await world.run("2026-11-29T04:00:00Z");
  await world.report("2026-11-29T05:00:00Z", { planned: {} });
  await world.report("2026-11-30T05:00:00Z", { applied: { subscribe: 1 } });
  const note = "what this run did to each reader is not in the history: S3 failed";
  await world.report("2026-11-30T06:00:00Z", { notes: [note] });
  const { runs, gaps } = await world.read();
  expect(runs).toHaveLength(2);
  expect(gaps).toEqual([
    "2026-11-29: 1 run reported, and of what they did there is no history",
    "2026-11-30: 2 runs reported, and of what they did there is no history",
  ]);
});

test("a run is missed however long ago the last one with a history was", async () => {
  const world = new World();
  await world.run("2026-10-31T23:59:59Z");
  await world.report("2027-12-31T23:59:59Z", { planned: {} });
  expect((await world.read()).gaps).toEqual([
    "2027-12-31: 1 run reported, and of what they did there is no history",
  ]);
});

test("a run that failed before it did anything is no gap, nor is one before the first history", async () => {
  const world = new World();
  await world.report("2026-11-28T03:00:00Z", { planned: {} });
  await world.run("2026-11-28T04:00:00Z");
  await world.report("2026-11-28T05:00:00Z", { error: { name: "ListBusyError" } });
  await world.report("2026-11-28T06:00:00Z", { applied: { subscribe: 0 }, notes: [] });
  expect((await world.read()).gaps).toEqual([]);
});

test("that there is no history at all is a gap, if runs reported", async () => {
  const world = new World();
  expect((await world.read()).gaps).toEqual([]);
  await world.report("2026-11-28T03:00:00Z", { planned: {} });
  await world.report("2026-11-29T03:00:00Z", { planned: {} });
  const { gaps, since } = await world.read();
  expect([since, gaps]).toEqual([
    undefined,
    ["runs reported since 2026-11-28, and there is no history of them"],
  ]);
});

test("what was written with another key is a gap, as nobody is found in it", async () => {
  const world = new World();
  await world.run("2026-11-28T04:00:00Z", { readHash: async () => createReaderHash("o".repeat(32)) });
  await world.run("2026-11-29T04:00:00Z");
  const { runs, gaps } = await world.read();
  expect(runs.map(({ run }) => run)).toEqual(["20261129T040000Z-0"]);
  expect(gaps).toEqual([
    "history/daily/2026-11-28.bin: it was written with another key, so nobody is found in it",
  ]);
});

test("a row that the provider refused has its reason, of a push, too", async () => {
  const store = new InMemoryStore();
  const rejections = () => Promise.reject(new TypeError("no row of a source"));
  const options = { store, list: "daily", memory: { rejections } };
  for (const runId of ["run-1", "run-2-refused", "run-3"]) {
    const quarantine = new Quarantine({ ...options, runId });
    await quarantine.add({ email: "Anna@example.fr", reason: `of ${runId}` });
    await quarantine.add({ email: "bob@example.fr", reason: "of another" });
    await quarantine.finish();
  }
  const question = { list: "daily", run: "run-2", email: "anna@example.fr" };
  expect(await readQuarantine({ store, bucket: bucketOver(store) }, question)).toEqual(["of run-2-refused"]);
});
