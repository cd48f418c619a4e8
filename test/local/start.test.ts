import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";

describe("npm start", () => {
  let shown = "";
  beforeAll(async () => {
    const script = fileURLToPath(new URL("../../infra/local/start.ts", import.meta.url));
    shown = (await promisify(execFile)(process.execPath, [script])).stdout;
  });

  test("plans in both directions, applies both, and ends with both sides in agreement", () => {
    const [, plan = "", applied = "", again = ""] = shown.split("▸ sync-subscribers ");
    expect(plan).toMatch(
      /^return: 7$.*^ {2}farid@example\.fr .*\n {4}bounced cause=HARD_BOUNCE .*^subscribe: 4\n {2}Léa@example\.fr/ms,
    );
    expect(plan).toContain("left 7; rows by statement: 4, 1, 2");
    expect(applied).toContain("taken 7; rows by statement: 4, 1, 2");
    expect(applied).toContain("chloe@example.fr    daily=false left_by=READER left_at=2026-03-01");
    expect(again).toMatch(/^nothing to do; kept \d+$/m);
    expect(again).toMatch(/daily: nothing to do; 1 set aside\n$/);
  });

  test("fits into 80 columns", () => {
    expect(shown.split("\n").filter((line) => [...line].length > 80)).toEqual([]);
  });
});
