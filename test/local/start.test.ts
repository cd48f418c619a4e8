import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";

const script = fileURLToPath(new URL("../../infra/local/start.ts", import.meta.url));
const start = (...args: string[]) => promisify(execFile)(process.execPath, [script, ...args]);
const linesOver80 = (text: string) => text.split("\n").filter((line) => [...line].length > 80);

describe("npm start", () => {
  let shown = "";
  beforeAll(async () => {
    shown = (await start()).stdout;
  });

  test("plans in both directions, applies both, and ends with both sides in agreement", () => {
    const [, plan = "", applied = "", again = ""] = shown.split("▸ sync-subscribers ");
    expect(plan).toMatch(
      /^return: 7$.*^ {2}farid@example\.fr .*\n {4}bounced cause=HARD_BOUNCE .*^subscribe: 4\n {2}Léa@example\.fr/ms,
    );
    expect(plan).toContain("left 7; rows by statement: 4, 1, 2");
    expect(applied).toContain("taken 7; rows by statement: 4, 1, 2");
    expect(applied).toContain("chloe@example.fr    daily=false left_by=READER left_at=2026-03-01");
    expect(applied).toMatch(/^▸ push-changes.*"wanda@example\.fr".*^daily: subscribed 1$/ms);
    expect(again).toMatch(/^nothing to do; kept \d+$/m);
    expect(again).toMatch(/daily: nothing to do; 1 set aside\n$/);
  });

  test("fits into 80 columns", () => {
    expect(linesOver80(shown)).toEqual([]);
  });
});

describe("npm start -- --provider constant-contact", () => {
  let shown = "";
  let runs: string[] = [];
  beforeAll(async () => {
    shown = (await start("--provider", "constant-contact")).stdout;
    [, ...runs] = shown.split("▸ sync-subscribers ");
  });

  test("plans in both directions, applies both, and then both sides agree", () => {
    const [plan, applied, again] = runs;
    expect(plan).toMatch(
      /^return: 4$.*^ {2}david@example\.fr .*\n {4}unsubscribed cause=READER .*^subscribe: 2\n.*^ {2}karim@example\.fr /ms,
    );
    expect(plan).toContain("kept      optedOut 2, publisher 1, mayHaveLeft 1, tempHold 1, pending 1,");
    expect(plan).toContain("left 4; rows by statement: 3, 1");
    expect(applied).toContain("applied   batches 4, accepted 5, subscribe 2, update 1, unsubscribe 2");
    expect(applied).toContain("taken 4; rows by statement: 3, 1");
    expect(applied).toContain("emma@example.fr     daily=false left_by=PUBLISHER left_at=2026-03-01");
    expect(again).toMatch(/^nothing to do; kept \d+$/m);
  });

  test("tells the database what readers do at the provider then, and ends with both sides in agreement", () => {
    const [, , , returned = "", last = ""] = runs;
    expect(returned).toMatch(/^return: 2$/m);
    expect(returned).toMatch(/^ {2}anna@example\.fr .*\n {4}unsubscribed cause=READER /m);
    expect(returned).toMatch(/^ {2}rosa@example\.fr .*\n {4}subscribed /m);
    expect(returned).toContain("planned   unchanged");
    expect(last).toMatch(/^nothing to do; kept \d+$/m);
    expect(last).toMatch(/daily: nothing to do; 1 set aside\n$/);
  });

  test("fits into 80 columns", () => {
    expect(linesOver80(shown)).toEqual([]);
  });
});

test.each([
  [["--provider", "mailpit"], 'there is no sample of the provider "mailpit"'],
  [["--providers"], "Unknown option '--providers'"],
  [["constant-contact"], "Unexpected argument 'constant-contact'"],
])("npm start with the arguments %j says what is wrong, and how it is used", async (args, problem) => {
  const { code, stderr, stdout } = await start(...args).catch((error) => error);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(problem);
  expect(stderr).toContain("--provider PROVIDER   ownpage or constant-contact (ownpage)\n");
});
