import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalAws, startLocalAws } from "../../infra/local/local-aws.ts";
import { type Sandbox, startSandbox } from "../../infra/sandbox/ownpage/start-sandbox.ts";

const script = fileURLToPath(new URL("../../infra/local/invoke.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "newsletter-sync-invoke-plan-"));
/** That of util-linux: it runs a command in a terminal of its own. */
const pseudoTerminal = "script";
const source = join(folder, "readers.csv");
const config = join(folder, "newsletter.json");
let sandbox: Sandbox;
let aws: LocalAws;

beforeAll(async () => {
  sandbox = await startSandbox({
    lists: [
      { id: 123, subscribers: [{ email: "gone@example.fr", subscribed_at: "2024-01-15T08:00:00.000Z" }] },
    ],
  });
  aws = await startLocalAws({ variables: {}, secrets: { ownpage: sandbox.credentials } });
  writeFileSync(source, "email\nanna@example.fr\n");
  const provider = { kind: "ownpage", secret: "ownpage", baseUrl: sandbox.url };
  const daily = { id: 123, source: { kind: "csv", uri: `file://${source}` } };
  writeFileSync(config, JSON.stringify({ provider, lists: { daily } }));
});
afterAll(async () => {
  await Promise.all([sandbox.stop(), aws.stop()]);
  rmSync(folder, { recursive: true });
});

/** @returns what the command prints: to another program, or to a person at a terminal */
async function invoke(mode: string, reader: "program" | "person"): Promise<string> {
  return invokeFunction("sync-subscribers", { list: "daily", mode }, reader);
}

async function invokeFunction(name: string, event: object, reader: "program" | "person"): Promise<string> {
  const args = [script, name, JSON.stringify(event), "--config", config];
  const quoted = [process.execPath, ...args].map((arg) => `'${arg}'`).join(" ");
  const [command, options]: [string, string[]] =
    reader === "program"
      ? [process.execPath, args]
      : [pseudoTerminal, ["-qec", `stty cols 80 && ${quoted} 2>/dev/null`, "/dev/null"]];
  const { CI: _, NO_COLOR: __, ...own } = process.env;
  const env = { ...own, ...aws.environment, TERM: "xterm" };
  return new Promise((resolve, reject) => {
    execFile(command, options, { env }, (error, stdout) => (error ? reject(error) : resolve(stdout)));
  });
}

test("another program gets the report, and no address", async () => {
  const printed = await invoke("plan", "program");
  expect(JSON.parse(printed)).toMatchObject({ mode: "plan", startedBy: "hand", planned: { subscribe: 1 } });
  expect(printed).not.toContain("@");
});

const hasTerminal = spawnSync(pseudoTerminal, ["--version"]).status === 0;

test.skipIf(!hasTerminal)("a person at a terminal gets the plan in colours, and its notes", async () => {
  const printed = await invoke("plan", "person");
  expect(printed).toContain("\u001b[1m");
  const [plan = "", note = ""] = stripVTControlCharacters(printed).replaceAll("\r\n", "\n").split("note: ");
  expect(plan).toBe(
    "unsubscribe 1, subscribe 1\n\n" +
      "unsubscribe (missing): 1\n  gone@example.fr  not in the database  cause=PUBLISHER\n\n" +
      "subscribe: 1\n  anna@example.fr  not at the provider\n\n",
  );
  expect(note).toContain("the plan exceeds no limit");
});

test.skipIf(!hasTerminal)(
  "a person at a terminal gets the page of a reader, another program the answer",
  async () => {
    const event = { email: "Anna@example.fr" };
    const page = await invokeFunction("look-up-reader", event, "person");
    expect(page).toMatch(/^# Anna@example\.fr\r?\n/);
    expect(page).toContain("a run would subscribe it: not at the provider");
    const answer = JSON.parse(await invokeFunction("look-up-reader", event, "program"));
    expect(answer).toMatchObject({ ...event, lists: ["daily"], told: { daily: { gaps: [] } } });
  },
);
