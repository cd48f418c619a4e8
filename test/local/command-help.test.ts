import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

function run(script: string, ...args: string[]) {
  return spawnSync(process.execPath, [script, ...args], { cwd: root, encoding: "utf8" });
}

test.each([
  ["invoke", "infra/local/invoke.ts"],
  ["push", "infra/local/push.ts"],
  ["connect", "infra/local/connect.ts"],
  ["pages", "infra/local/pages.ts"],
  ["bench", "test/bench/bench.ts"],
  ["simulate", "test/simulation/simulate.ts"],
])("npm run %s -- --help shows how to call it, and does nothing else", (name, script) => {
  const { status, stdout, stderr } = run(script, "--help");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(new RegExp(`^npm run ${name} -- `));
});

test.each([
  [[], "the event is missing"],
  [["{list:daily}"], "the event is not JSON"],
])("a push with a wrong command line, %j, is told how to call push and not invoke", (args, problem) => {
  const { status, stderr } = run("infra/local/push.ts", ...args);
  expect(status).toBe(2);
  expect(stderr).toContain(problem);
  expect(stderr).toContain("npm run push -- ");
  expect(stderr).not.toContain("npm run invoke -- ");
});
