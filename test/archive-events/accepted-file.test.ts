import { describe, expect, test } from "vitest";
import type { ArchiveEvent } from "../../functions/archive-events/event.ts";
import { archiveEventSchema } from "../../functions/archive-events/event.ts";
import { ArchiveWorld, copyKey, key, name, named, nightAfter, outcomes, sha256Of } from "./archive-world.ts";

const csvOf = (...readers: string[]) =>
  `email,date,email_list_id\n${readers.map((reader) => `${reader}@example.fr,2026-03-09 10:00:00,1\n`).join("")}`;
const copyOf = (...readers: string[]) =>
  `date,email,email_list_id\n${readers.map((reader) => `2026-03-09 10:00:00,${reader}@example.fr,1\n`).join("")}`;
const long = csvOf("lea", "jean", "max");
const short = csvOf("lea", "max");
const accepting = (csv: string): ArchiveEvent => ({ ...named, accept: sha256Of(csv) });

/** A world whose archive has the long file, and whose provider has erased a reader since. */
async function shrunk(csv = short): Promise<ArchiveWorld> {
  const world = new ArchiveWorld();
  world.provider.csvs.set(name, long);
  await world.run(named);
  world.provider.csvs.set(name, csv);
  return world;
}

describe("a file that shrank", () => {
  test("is refused with the event that accepts it, which stores it and its copy", async () => {
    const world = await shrunk();
    const { error, report } = await world.failing(named);
    const [, shown = ""] = /accept it with the event (\{.*\})$/.exec(error.message) ?? [];
    expect(shown).toBe(JSON.stringify(accepting(short)));
    expect(report.files[0]?.reason).toContain(shown);
    expect(report.files[0]?.sha256).toBe(sha256Of(short));
    const event = archiveEventSchema.parse(JSON.parse(shown));
    expect(outcomes(await world.run(event))).toEqual([`${name} replaced`]);
    expect(world.archive.textOf(key)).toBe(short);
    expect(world.archive.textOf(copyKey)).toBe(copyOf("lea", "max"));
  });

  test("once accepted, fails no night any more", async () => {
    const world = await shrunk();
    await world.run(accepting(short), { at: nightAfter(1) });
    const settings = { lookBackDays: 4, events: named.events };
    world.dependencies = { ...world.dependencies, settings };
    expect(outcomes(await world.run({}, { at: nightAfter(1) }))).toContain(`${name} unchanged`);
    expect(outcomes(await world.run({}, { at: nightAfter(2) }))).toContain(`${name} unchanged`);
    expect(outcomes(await world.run({}, { at: nightAfter(3) }))).not.toContainEqual(
      expect.stringContaining(name),
    );
  });

  test("is accepted twice without harm", async () => {
    const world = await shrunk();
    await world.run(accepting(short));
    expect(outcomes(await world.run(accepting(short)))).toEqual([`${name} unchanged`]);
  });

  test("to nothing is accepted, too, by the hash of nothing", async () => {
    const world = await shrunk("");
    expect(outcomes(await world.run(accepting("")))).toEqual([`${name} empty`]);
    expect(world.archive.textOf(key)).toBe("");
    expect(world.archive.textOf(copyKey)).toBe("");
  });

  test("is accepted where the stored file's size is not recorded", async () => {
    const world = await shrunk();
    world.archive.files.set(key, { ...world.archive.files.get(key)!, metadata: {} });
    expect((await world.failing(named)).error.message).toContain(JSON.stringify(accepting(short)));
    expect(outcomes(await world.run(accepting(short)))).toEqual([`${name} replaced`]);
  });

  test.each([
    ["of another file", csvOf("lea")],
    ["of the stored file", long],
  ])("is refused with the hash %s, and shows its own", async (_, looked) => {
    const world = await shrunk();
    const { error } = await world.failing(accepting(looked));
    expect(error.message).toContain(JSON.stringify(accepting(short)));
    expect(world.archive.textOf(key)).toBe(long);
  });

  test("is refused if it is not whole, whoever has accepted it", async () => {
    const cut = short.slice(0, -8);
    const world = await shrunk(`${cut}\n`);
    const { error } = await world.failing(accepting(`${cut}\n`));
    expect(error.message).toContain("line 3 has 2 columns, where the header has 3");
    expect(world.archive.textOf(key)).toBe(long);
  });

  test("gives way to a longer one that comes in its place", async () => {
    const world = await shrunk();
    const longer = csvOf("lea", "jean", "max", "zoe");
    world.provider.csvs.set(name, longer);
    expect(outcomes(await world.run(accepting(short)))).toEqual([`${name} replaced`]);
    expect(world.archive.textOf(key)).toBe(longer);
  });

  test("is stored whole by the next run if the one that accepts it is killed at any call", async () => {
    let killed = 0;
    for (let at = 0; at < 30; at++) {
      const world = await shrunk();
      let call = 0;
      world.archive.onCall = () => {
        if (call++ >= at) throw new Error("killed");
      };
      killed += await world.run(accepting(short)).then(
        () => 0,
        () => 1,
      );
      world.archive.onCall = () => undefined;
      expect([long, short]).toContain(world.archive.textOf(key));
      await world.run(accepting(short));
      expect([world.archive.textOf(key), world.archive.textOf(copyKey)]).toEqual([
        short,
        copyOf("lea", "max"),
      ]);
      const { labels, metadata } = world.archive.files.get(key)!;
      expect(labels["sha256"]).toBe(metadata["sha256"]);
    }
    expect(killed).toBeGreaterThan(8);
    expect(killed).toBeLessThan(30);
  });
});
