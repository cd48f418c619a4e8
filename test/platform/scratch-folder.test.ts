import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createScratchFolder } from "../../functions/platform/scratch-folder.ts";

/** No process has it any more: this one has ended. */
const { pid: endedPid } = spawnSync(process.execPath, ["--version"]);

function parentWith(...entries: string[]): string {
  const parent = mkdtempSync(join(tmpdir(), "newsletter-sync-scratch-"));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  for (const entry of entries) {
    mkdirSync(join(parent, entry));
    writeFileSync(join(parent, entry, "addresses.csv"), "anna@example.fr");
  }
  return parent;
}

test("what a killed process left is removed, before anything new is written", async () => {
  const parent = parentWith(`archive-${endedPid}-abc123`, `archive-${endedPid}-def456`);
  const folder = await createScratchFolder("archive", parent);
  expect(dirname(folder)).toBe(parent);
  expect(readdirSync(parent)).toEqual([basename(folder)]);
});

test("what belongs to a process that runs, to this one or to something else is left alone", async () => {
  const others = [
    `archive-${process.ppid}-abc123`,
    `archive-${process.pid}-abc123`,
    `archive-${endedPid}`,
    `archives-${endedPid}-abc123`,
    `my-archive-${endedPid}-abc123`,
  ];
  const parent = parentWith(...others);
  const folder = await createScratchFolder("archive", parent);
  expect(readdirSync(parent).toSorted()).toEqual([...others, basename(folder)].toSorted());
});
