import pMap from "p-map";
import { beforeAll, describe, expect, test } from "vitest";
import { CredentialError } from "../../functions/domain/errors.ts";
import { ProviderUnavailableError } from "../../functions/domain/provider-errors.ts";
import { type Fault, faults } from "../support/calls.ts";
import type { InMemoryFiles } from "../support/in-memory-files.ts";
import { useOwnDisk } from "../support/own-disk.ts";
import { ArchiveHistory, earlyArchive, nameOf } from "./archive-history.ts";
import { asked, type Flaw, flaws } from "./growing-files.ts";

/**
 * Whatever happens at any call to the outside:
 *
 * 1. every file in the archive is byte for byte what the provider had, and no shorter file replaces a longer one;
 * 2. a copy has the rows of the file that it names, and a label exists only where file and copy do;
 * 3. every file reported as stored, replaced or unchanged is there, with its copy and its label;
 * 4. a run ends with an error of ours, or with none if no file failed; it reveals no address and leaves nothing on the
 *    disk;
 * 5. the next undisturbed run makes the archive what it would be if nothing had happened.
 */
const leftOnDisk = useOwnDisk();
const atOnce = { concurrency: 4 };
let standing: InMemoryFiles;
let places: readonly string[];
let complete: object;

beforeAll(async () => {
  standing = await earlyArchive();
  const undisturbed = new ArchiveHistory(standing);
  const { calls } = await undisturbed.run();
  // gzip does not always cut its bytes into as many chunks.
  places = calls.places.filter((place) => !/^upload .*chunk #[2-9]$/.test(place));
  complete = undisturbed.archived;
});

async function expectNextToComplete(history: ArchiveHistory, how: string): Promise<void> {
  const { error } = await history.run();
  expect({ error, broken: history.rules.broken }, how).toEqual({ error: undefined, broken: [] });
  expect(history.archived, how).toEqual(complete);
}

test("an undisturbed run replaces, stores and finds files, one of them empty, and all it does outside itself is a call", async () => {
  const { report } = await new ArchiveHistory(standing).run();
  const outcomes = ["replaced", "unchanged", "empty", "stored", "stored", "stored"];
  expect(report.files?.map(({ outcome }) => outcome)).toEqual(outcomes);
  const key = "nl_subscribe/date=2026-03-08/nl_subscribe-2026-03-08.csv.gz";
  const uploaded = (room: string) =>
    ["begin", "chunk", "end"].map((part) => `upload ${room}/${key}: ${part} #1`);
  const called = places.filter((place) => /nl_subscribe.2026-03-08/.test(place));
  const expected = [
    `labelsOf events/${key} #1`,
    "open nl_subscribe 2026-03-08 #1",
    ...["chunk #1", "chunk #2", "chunk #3", "end #1"].map((move) => `body nl_subscribe 2026-03-08: ${move}`),
    `describe events/${key} #1`,
    ...uploaded("events"),
    `describe events/${key} #2`,
    `describe tables/${key} #1`,
    ...uploaded("tables"),
    `describe events/${key} #3`,
    `describe tables/${key} #2`,
    `label events/${key} #1`,
  ];
  expect(called.toSorted()).toEqual(expected.toSorted());
});

describe("every rule holds when one call", () => {
  test.each(faults)("%s, whichever it is", async (fault) => {
    let killed = 0;
    const disturb = async (place: string) => {
      const history = new ArchiveHistory(standing);
      const { isKilled, error } = await history.run({ faults: [[place, fault]] });
      if (isKilled) killed++;
      if (fault === "is done twice, and the second answer counts") expect(error, place).toBeUndefined();
      await expectNextToComplete(history, `${place} ${fault}`);
    };
    await pMap(places, disturb, atOnce);
    expect(killed).toBe(fault === "never ends, as the run is killed" ? places.length : 0);
    expect(leftOnDisk().length).toBeLessThanOrEqual(killed);
  });
});

describe("every rule holds when a body", () => {
  const names = asked.map(nameOf);
  const notWhole =
    /^(failed with ProviderUnavailableError|line \d+ |lacks the column|has no header|is empty)/;

  test.each<[string, Fault]>([
    ["is cut", "fails"],
    ["ends silently", "is done, and its answer is lost"],
  ])("%s at any chunk, twice or every time it is requested", async (_, fault) => {
    const cases = names.flatMap((name) =>
      [1, 2, 3].flatMap((chunk) => [2, 3].map((times) => ({ name, chunk, times }))),
    );
    await pMap(
      cases,
      async ({ name, chunk, times }) => {
        const history = new ArchiveHistory(standing);
        // Each attempt makes one call per chunk.
        const cuts = [1, 2, 3]
          .slice(0, times)
          .map((n): [string, Fault] => [`body ${name}: chunk #${n * chunk}`, fault]);
        const { report } = await history.run({ faults: cuts });
        const how = `chunk ${chunk} of ${name}, ${times} times`;
        const { outcome, reason } = report.files?.find((file) => nameOf(file) === name) ?? {};
        if (times === 3) expect(reason, how).toMatch(notWhole);
        else expect(outcome, how).toMatch(/^(stored|replaced|unchanged|empty)$/);
        await expectNextToComplete(history, how);
      },
      atOnce,
    );
    expect(leftOnDisk()).toEqual([]);
  });
});

describe("every rule holds when a body arrives", () => {
  test.each(Object.keys(flaws) as Flaw[])("%s, whichever it is, or all of them", async (flaw) => {
    const names = asked.map(nameOf);
    for (const refused of [...names.map((name) => [name]), names]) {
      const history = new ArchiveHistory(standing);
      const { report } = await history.run({ refusals: refused.map((name) => [name, flaw]) });
      const failed = report.files?.filter(({ outcome }) => outcome === "failed").map(nameOf);
      // Without rows, there is nothing of another day.
      const hasRows = (name: string) => flaw !== "of another day" || name !== "nl_complaint 2026-03-08";
      expect(failed, refused.join()).toEqual(refused.filter(hasRows));
      await expectNextToComplete(history, refused.join());
    }
    expect(leftOnDisk()).toEqual([]);
  });
});

describe("every rule holds when a file", () => {
  test.each([
    ["does not exist", "absent"],
    ["is not included", "notIncluded"],
    ["cannot be opened", new ProviderUnavailableError("GET /x", 5, "status 503")],
    ["is refused because of the credential", new CredentialError("ownpage", "expired")],
  ] as const)("%s, whichever it is, or all of them", async (_, refusal) => {
    const names = asked.map(nameOf);
    for (const refused of [...names.map((name) => [name]), names]) {
      const history = new ArchiveHistory(standing);
      await history.run({ refusals: refused.map((name) => [name, refusal]) });
      await expectNextToComplete(history, refused.join());
    }
    expect(leftOnDisk()).toEqual([]);
  });
});
