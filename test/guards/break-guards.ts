import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { guardGroups } from "./all-guards.ts";
import type { Guard, SimulatedProvider } from "./guard.ts";

/**
 * `npm run guards [-- WORDS]`: breaks each guard in turn, or those whose names contain these words, in a copy of the
 * project, and says what notices: the tests that hold it, and the simulations that run the same code. Exits with status 1 if
 * nothing does. All guards together take an hour, so `npm test` does not run them.
 */

const root = fileURLToPath(new URL("../..", import.meta.url));
const copy = mkdtempSync(join(tmpdir(), "newsletter-sync-guards-"));
/** What tests and simulations read. */
const copied = [
  "functions",
  "infra",
  "test",
  "docs",
  "README.md",
  "cdk.json",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
];
const vitest = join(root, "node_modules/vitest/vitest.mjs");
const vitestOptions = ["run", "--config", "test/vitest.config.ts", "--bail", "1"];
const timeoutMs = 300_000;
/** So many take about twenty seconds each. */
const histories = { ownpage: 1_000, "constant-contact": 300 } as const;
const words = process.argv.slice(2).join(" ");
let broken = 0;
let survivors = 0;

/** A command that fails if it notices a broken guard. */
class Check {
  readonly name: string;
  readonly #command: readonly string[];

  constructor(name: string, command: readonly string[]) {
    this.name = name;
    this.#command = command;
  }

  passes(): boolean {
    const { status, error } = spawnSync(process.execPath, this.#command, {
      cwd: copy,
      timeout: timeoutMs,
      stdio: "ignore",
    });
    if (error !== undefined) throw error;
    return status === 0;
  }
}

try {
  for (const name of copied) {
    cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  for (const { tests, guards, simulated = [] } of guardGroups) {
    const asked = guards.filter(({ keeps }) => keeps.includes(words));
    broken += asked.length;
    if (asked.length === 0) continue;
    const checks = [new Check("tests", [vitest, ...vitestOptions, ...tests]), ...simulated.map(simulationOf)];
    for (const check of checks) {
      if (!check.passes())
        throw new Error(`the ${check.name} fail before any guard is broken: ${tests.join(", ")}`);
    }
    for (const guard of asked) report(guard, noticing(guard, checks));
  }
} finally {
  rmSync(copy, { recursive: true });
}
if (broken === 0) console.error(`no guard has "${words}" in its name`);
else console.log(survivors === 0 ? "\nevery guard is held" : `\n${survivors} guards are held by nothing`);
process.exitCode = broken > 0 && survivors === 0 ? 0 : 1;

function simulationOf(provider: SimulatedProvider): Check {
  return new Check(`histories of ${provider}`, [
    "test/simulation/simulate.ts",
    ...["--provider", provider, "--histories", String(histories[provider]), "--bail"],
  ]);
}

/** The names of the checks that notice a broken guard. */
function noticing({ file, code, broken }: Guard, checks: readonly Check[]): string[] {
  const path = join(copy, file);
  const whole = readFileSync(path, "utf8");
  writeFileSync(
    path,
    whole.replace(code, () => broken),
  );
  try {
    return checks.filter((check) => !check.passes()).map(({ name }) => name);
  } finally {
    writeFileSync(path, whole);
  }
}

function report({ keeps, file }: Guard, noticing: readonly string[]): void {
  if (noticing.length === 0) survivors++;
  const by = noticing.length === 0 ? "HELD BY NOTHING" : `held by ${noticing.join(", ")}`;
  console.log(`${by.padEnd(60)}  ${keeps}  (${file})`);
}
