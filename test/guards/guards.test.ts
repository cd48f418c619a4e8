import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { guardGroups } from "./all-guards.ts";

const guards = guardGroups.flatMap((group) => group.guards);
const read = (file: string) => readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), "utf8");

test.each(guards)("the guard is in the code: $keeps", ({ file, code, broken }) => {
  expect(read(file).split(code)).toHaveLength(2);
  expect(broken).not.toBe(code);
});

test("docs/guards.md lists them all", () => {
  const listed = read("docs/guards.md");
  expect(guards.map(({ keeps }) => keeps).filter((keeps) => !listed.includes(`- ${keeps}`))).toEqual([]);
});
