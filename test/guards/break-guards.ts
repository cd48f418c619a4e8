import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { edgeGuards } from "./edge-guards.ts";
import { archiveGuards, importGuards } from "./file-guards.ts";
import type { Guard } from "./guard.ts";
import { syncGuards } from "./sync-guards.ts";

/**
 * `npm run guards`: breaks each guard in turn, in a copy of the project, and runs the tests that hold it. Ends
 * with status 1 when a broken guard passes them. It takes some minutes, so the tests do not run it themselves.
 */

const root = fileURLToPath(new URL("../..", import.meta.url));
const copy = mkdtempSync(join(tmpdir(), "newsletter-sync-guards-"));
let survivors = 0;

try {
  for (const name of ["functions", "infra", "test", "package.json", "tsconfig.json"]) {
    cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  for (const { tests, guards } of [syncGuards, edgeGuards, importGuards, archiveGuards]) {
    if (!passes(tests)) throw new Error(`the tests fail before anything is broken: ${tests.join(", ")}`);
    for (const guard of guards) report(guard, isCaught(guard, tests));
  }
} finally {
  rmSync(copy, { recursive: true });
}
console.log(survivors === 0 ? "\nevery guard is held" : `\n${survivors} guards are held by no test`);
process.exitCode = survivors === 0 ? 0 : 1;

function isCaught({ file, code, broken }: Guard, tests: readonly string[]): boolean {
  const path = join(copy, file);
  const whole = readFileSync(path, "utf8");
  writeFileSync(
    path,
    whole.replace(code, () => broken),
  );
  try {
    return !passes(tests);
  } finally {
    writeFileSync(path, whole);
  }
}

function passes(tests: readonly string[]): boolean {
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const options = ["run", "--config", "test/vitest.config.ts", "--bail", "1"];
  const { status } = spawnSync(process.execPath, [vitest, ...options, ...tests], { cwd: copy });
  return status === 0;
}

function report({ keeps, file }: Guard, isCaught: boolean): void {
  if (!isCaught) survivors++;
  console.log(`${isCaught ? "held    " : "NOT HELD"}  ${keeps}  (${file})`);
}
