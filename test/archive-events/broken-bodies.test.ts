import { describe, expect, test } from "vitest";
import { ArchiveIncompleteError } from "../../functions/domain/errors.ts";
import type { StreamedBody } from "../../functions/platform/http/http-stream.ts";
import { eventsKey } from "../../functions/platform/storage/object-keys.ts";
import { ArchiveWorld, outcomes } from "./archive-world.ts";
import { bodyOf, twoRows } from "./in-memory-event-files.ts";

const file = { event: "nl_subscribe", date: "2026-03-09" } as const;
const named = { date: file.date, events: [file.event] };
const name = `${file.event} ${file.date}`;
const key = eventsKey(file.event, file.date);
const whole = twoRows(file);
const quoted = `${whole}2026-03-09,"a`;

/** As one that comes in chunks. */
const ofUnknownLength = (csv: string): StreamedBody => ({ ...bodyOf(csv), expectedBytes: undefined });
/** As one that ends where its connection does. */
const ofUncertainEnd = (csv: string): StreamedBody => ({ ...ofUnknownLength(csv), isEndCertain: false });

/** A world whose provider sends these bodies of the file, and then what it holds. */
function sending(...bodies: StreamedBody[]): ArchiveWorld {
  const world = new ArchiveWorld();
  world.provider.bodies.set(name, bodies);
  return world;
}

describe("a body that does not come whole", () => {
  test("is asked for again, and nothing of it is stored", async () => {
    const short = { ...bodyOf(whole.slice(0, 40)), expectedBytes: whole.length };
    const world = sending(short, ofUncertainEnd(quoted));
    expect(outcomes(await world.run(named))).toEqual([`${name} stored`]);
    expect(world.provider.opened).toEqual([name, name, name]);
    expect(world.archive.textOf(key)).toBe(whole);
  });

  const uncertain = "announced neither its length nor its end, and does not end with a row's line break";

  test.each([
    [
      "shorter than announced",
      () => ({ ...bodyOf(whole), expectedBytes: 500 }),
      "a body of 123 bytes, where 500 were announced",
    ],
    [
      "longer than announced",
      () => ({ ...bodyOf(whole), expectedBytes: 5 }),
      "a body of 123 bytes, where 5 were announced",
    ],
    [
      "shorter than announced, and within quotes",
      () => ({ ...bodyOf(quoted), expectedBytes: 500 }),
      "a body of 136 bytes, where 500 were announced",
    ],
    [
      "of an uncertain end, within a row",
      () => ofUncertainEnd(whole.trimEnd()),
      `a body of 122 bytes that ${uncertain}`,
    ],
    [
      "of an uncertain end, at a line break within quotes",
      () => ofUncertainEnd(`${quoted}\n`),
      `a body of 137 bytes that ${uncertain}`,
    ],
    ["of an uncertain end, empty", () => ofUncertainEnd(""), `a body of 0 bytes that ${uncertain}`],
  ])("%s three times fails the file, and nothing is stored", async (_, body, problem) => {
    const world = sending(body(), body(), body());
    const { error, report } = await world.failing(named);
    const told =
      "failed with ProviderUnavailableError: GET /newsletters/events/{event}/{date} failed 3 times, the last time with";
    expect(error).toBeInstanceOf(ArchiveIncompleteError);
    expect(error.message).toBe(
      `1 of 1 files were not archived: nl_subscribe of 2026-03-09 ${told} ${problem}`,
    );
    expect(world.keys()).toEqual([]);
    expect(report.missing).toBe(1);
  });

  test.each([
    ["in chunks, is taken as it ends", ofUnknownLength(whole.trimEnd())],
    ["of an uncertain end, is taken when that is a row's", ofUncertainEnd(whole)],
  ])("or may, %s", async (_, body) => {
    const world = sending(body);
    expect(outcomes(await world.run(named))).toEqual([`${name} stored`]);
    expect(world.provider.opened).toEqual([name]);
  });
});

describe("a body that is whole and ends within quotes", () => {
  test.each([
    ["its length was announced", bodyOf],
    ["its last chunk came", ofUnknownLength],
  ])("is refused at once and kept aside, as %s", async (_, bodyFrom) => {
    const csv = `${whole}2026-03-09,"jean@example.fr,1\n2026-03-09,b@example.fr,2\n`;
    const world = sending(bodyFrom(csv));
    const { error, report } = await world.failing(named);
    expect(error.message).toBe(
      "1 of 1 files were not archived: nl_subscribe of 2026-03-09 ends within quotes",
    );
    expect(world.provider.opened).toEqual([name]);
    const keptAside = expect.stringMatching(/^refused\//);
    expect(report.files).toMatchObject([{ outcome: "failed", reason: "ends within quotes", keptAside }]);
    expect(world.keys()).toEqual([report.files[0]?.keptAside]);
    expect(world.archive.textOf(world.keys()[0] ?? "")).toBe(csv);
    expect(report.missing).toBe(1);
    expect(error.message + JSON.stringify(report)).not.toContain("jean");
  });

  test("leaves what stands there as it is", async () => {
    const world = new ArchiveWorld();
    await world.run(named);
    world.provider.csvs.set(name, quoted);
    expect((await world.failing(named)).report.missing).toBe(0);
    expect(world.archive.textOf(key)).toBe(whole);
  });
});
