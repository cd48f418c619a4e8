import { describe, expect, test } from "vitest";
import { metricsOf } from "../../functions/archive-events/metrics.ts";
import { ArchiveWorld, key, name, nightAfter } from "./archive-world.ts";

const lookBackDays = 4;
/** 9 March 2026 is looked after on four nights, from the first one on. */
const nights = Array.from({ length: lookBackDays + 2 }, (_, night) => nightAfter(night));

function worldOf(csv: string | undefined): ArchiveWorld {
  const world = new ArchiveWorld();
  world.dependencies = { ...world.dependencies, settings: { lookBackDays, events: ["nl_subscribe"] } };
  world.provider.csvs.set(name, csv);
  return world;
}

async function countedEachNight(world: ArchiveWorld, onNight: (night: number) => void = () => undefined) {
  const counted: (number | undefined)[] = [];
  for (const [night, at] of nights.entries()) {
    onNight(night);
    const { report } = await world.running({}, { at });
    counted.push(metricsOf(report)["ArchiveFilesLost"]);
  }
  return counted;
}

describe("a missing day is counted for its alarm", () => {
  test.each([
    ["does not exist", undefined],
    ["is refused", "<!doctype html>\n"],
  ])("once, on the last night that asks for it, if its file %s", async (_, csv) => {
    expect(await countedEachNight(worldOf(csv))).toEqual([0, 0, 0, 1, 0, 0]);
  });

  test("never if its file comes late", async () => {
    const world = worldOf(undefined);
    const counted = await countedEachNight(world, (night) => {
      if (night === 3) world.provider.csvs.delete(name);
    });
    expect(counted).toEqual([0, 0, 0, 0, 0, 0]);
    expect(world.archive.textOf(key)).toContain("2026-03-09");
  });

  test("never if nothing happened that day", async () => {
    expect(await countedEachNight(worldOf(""))).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test("never if the archive has a file, whatever the provider has now", async () => {
    const world = worldOf("date,email,email_list_id\n2026-03-09 10:00:00,a@example.fr,1\n");
    const counted = await countedEachNight(world, (night) => {
      if (night === 1) world.provider.csvs.set(name, undefined);
    });
    expect(counted).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test("each by itself: every event of it", async () => {
    const world = worldOf(undefined);
    const settings = { lookBackDays, events: ["nl_subscribe", "nl_bounce"] } as const;
    world.dependencies = { ...world.dependencies, settings };
    world.provider.csvs.set("nl_bounce 2026-03-09", undefined);
    world.provider.csvs.set("nl_bounce 2026-03-10", undefined);
    expect(await countedEachNight(world)).toEqual([0, 0, 0, 2, 1, 0]);
  });

  test.each([[{ date: "2026-03-09" }], [{ from: "2026-03-09", to: "2026-03-09" }]])(
    "not when a person asks for it with %j, who sees the report",
    async (event) => {
      const { report } = await worldOf(undefined).running(event, { at: nightAfter(9) });
      expect(report).toMatchObject({ missing: 1, lost: 0 });
    },
  );
});
