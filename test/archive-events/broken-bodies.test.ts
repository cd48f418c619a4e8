import { describe, expect, test } from "vitest";
import { ArchiveIncompleteError } from "../../functions/domain/archive-errors.ts";
import type { StreamedBody } from "../../functions/platform/http/http-stream.ts";
import { eventsKey } from "../../functions/platform/storage/object-keys.ts";
import { ArchiveWorld, outcomes } from "./archive-world.ts";
import { bodyOf, twoRows } from "./in-memory-event-files.ts";

const file = { event: "nl_subscribe", date: "2026-03-09" } as const;
const named = { date: file.date, events: [file.event] };
const name = `${file.event} ${file.date}`;
const key = eventsKey(file.event, file.date);
const whole = twoRows(file);
const quoted = `${whole}2026-03-09 10:00:03,"a`;

/** Like a chunked body. */
const ofUnknownLength = (csv: string): StreamedBody => ({ ...bodyOf(csv), expectedBytes: undefined });
/** Like a body that ends when its connection closes. */
const ofUncertainEnd = (csv: string): StreamedBody => ({ ...ofUnknownLength(csv), isEndCertain: false });

/** A world whose provider first sends these bodies of the file, and then the file itself. */
function sending(...bodies: StreamedBody[]): ArchiveWorld {
  const world = new ArchiveWorld();
  world.provider.bodies.set(name, bodies);
  return world;
}

describe("a body that does not arrive whole", () => {
  test("is requested again, and nothing of it is stored", async () => {
    const short = { ...bodyOf(whole.slice(0, 40)), expectedBytes: whole.length };
    const world = sending(short, ofUncertainEnd(quoted));
    expect(outcomes(await world.run(named))).toEqual([`${name} stored`]);
    expect(world.provider.opened).toEqual([name, name, name]);
    expect(world.archive.textOf(key)).toBe(whole);
  });

  test.each([
    [
      "shorter than announced",
      () => ({ ...bodyOf(whole), expectedBytes: 500 }),
      "a body of 137 bytes, where 500 were announced",
    ],
    [
      "longer than announced",
      () => ({ ...bodyOf(whole), expectedBytes: 5 }),
      "a body of 137 bytes, where 5 were announced",
    ],
    [
      "shorter than announced, and within quotes",
      () => ({ ...bodyOf(quoted), expectedBytes: 500 }),
      "a body of 159 bytes, where 500 were announced",
    ],
  ])("that comes %s three times fails the file, and nothing is stored", async (_, body, problem) => {
    const world = sending(body(), body(), body());
    const { error, report } = await world.failing(named);
    const told =
      "failed with ProviderUnavailableError: GET /files/{event}/{date} failed 3 times, the last time with";
    expect(error).toBeInstanceOf(ArchiveIncompleteError);
    expect(error.message).toBe(
      `1 of 1 files were not archived: nl_subscribe of 2026-03-09 ${told} ${problem}`,
    );
    expect(world.keys()).toEqual([]);
    expect(report.missing).toBe(1);
  });

  test.each([
    ["cut within a row", whole.slice(0, -40), "line 3 has 1 column, where the header has 3"],
    [
      "cut within a row's last value",
      whole.slice(0, -3),
      "line 3 ends the file without a line break, and no length was announced",
    ],
    ["cut at a line break within quotes", `${quoted}\n`, "ends within the quotes of line 4"],
    ["empty", "", "is empty, and neither its length nor its end was announced"],
  ])("that comes without a certain end, %s, three times is refused", async (_, csv, reason) => {
    const world = sending(ofUncertainEnd(csv), ofUncertainEnd(csv), ofUncertainEnd(csv));
    const { report } = await world.failing(named);
    expect(world.provider.opened).toEqual([name, name, name]);
    expect(report).toMatchObject({ missing: 1, files: [{ outcome: "failed", reason }] });
    expect(world.keys().map((key) => world.archive.textOf(key))).toEqual(csv === "" ? [] : [csv]);
    expect(world.keys("events/")).toEqual([]);
  });

  test("without a certain end is accepted if it ends with a row", async () => {
    const world = sending(ofUncertainEnd(whole));
    expect(outcomes(await world.run(named))).toEqual([`${name} stored`]);
    expect(world.provider.opened).toEqual([name]);
  });
});

describe("a whole body that ends within quotes", () => {
  test.each([
    ["its length was announced", bodyOf],
    ["its last chunk arrived", ofUnknownLength],
  ])("is refused at once and kept aside, because %s", async (_, bodyFrom) => {
    const csv = `${whole}2026-03-09,"jean@example.fr,1\n2026-03-09,b@example.fr,2\n`;
    const world = sending(bodyFrom(csv));
    const { error, report } = await world.failing(named);
    expect(error.message).toBe(
      "1 of 1 files were not archived: nl_subscribe of 2026-03-09 ends within the quotes of line 4",
    );
    expect(world.provider.opened).toEqual([name]);
    const keptAside = expect.stringMatching(/^refused\//);
    expect(report.files).toMatchObject([{ outcome: "failed", keptAside }]);
    expect(world.keys()).toEqual([report.files[0]?.keptAside]);
    expect(world.archive.textOf(world.keys()[0] ?? "")).toBe(csv);
    expect(report.missing).toBe(1);
    expect(error.message + JSON.stringify(report)).not.toContain("jean");
  });

  test("does not replace a stored file", async () => {
    const world = new ArchiveWorld();
    await world.run(named);
    world.provider.csvs.set(name, quoted);
    expect((await world.failing(named)).report.missing).toBe(0);
    expect(world.archive.textOf(key)).toBe(whole);
  });
});
