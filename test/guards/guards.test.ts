import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { edgeGuards } from "./edge-guards.ts";
import { archiveGuards, importGuards } from "./file-guards.ts";
import { memoryGuards } from "./memory-guards.ts";
import { syncGuards } from "./sync-guards.ts";

const guards = [syncGuards, edgeGuards, importGuards, archiveGuards, memoryGuards].flatMap(
  (group) => group.guards,
);
const read = (file: string) => readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), "utf8");

test.each(guards)("the guard is in the code: $keeps", ({ file, code, broken }) => {
  expect(read(file).split(code)).toHaveLength(2);
  expect(broken).not.toBe(code);
});

test("docs/guards.md lists them all", () => {
  const listed = read("docs/guards.md");
  expect(guards.map(({ keeps }) => keeps).filter((keeps) => !listed.includes(`- ${keeps}`))).toEqual([]);
});
