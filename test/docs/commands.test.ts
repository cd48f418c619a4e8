import { expect, test } from "vitest";
import { archiveEventSchema } from "../../functions/archive-events/event.ts";
import { importEventSchema } from "../../functions/import-subscribers/event.ts";
import { showEventSchema } from "../../functions/show-runs/event.ts";
import { syncEventSchema } from "../../functions/sync-subscribers/event.ts";
import { parseConnectCommand } from "../../infra/local/connect-command.ts";
import { parseInvokeCommand } from "../../infra/local/invoke-command.ts";
import { codeIn, pages, readText, sectionOf, tablesIn } from "./read-pages.ts";

const { scripts } = JSON.parse(readText("package.json")) as { scripts: Record<string, string> };

test.each([...pages])("every npm script that %s names exists", (_, text) => {
  const named = [...text.matchAll(/npm (?:run (?:-s )?([\w:]+)|(test|start)\b)/g)].map(
    ([, script, short]) => script ?? short ?? "",
  );
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test.each([
  ["sync-subscribers", syncEventSchema],
  ["import-subscribers", importEventSchema],
  ["archive-events", archiveEventSchema],
  ["show-runs", showEventSchema],
])("every event that the manual shows of %s is one that it takes", (name, schema) => {
  const [events] = tablesIn(sectionOf("docs/functions.md", name));
  const shown = (events ?? []).slice(1).map(([cell = ""]) => codeIn(cell)[0] ?? "");
  expect(shown.length).toBeGreaterThan(2);
  const filledIn = (event: string) => event.replace("PLAN ID", "PLAN-ID").replace("SHA-256", "0".repeat(64));
  for (const event of shown) schema.parse(JSON.parse(filledIn(event)));
});

test("every option of invoke that the manual shows exists", () => {
  const named = sectionOf("docs/functions.md", "Run one by hand").match(/(?<=`)--[a-z]+/g) ?? [];
  const usage = usageOf(() => parseInvokeCommand(["--help"], {}));
  const sandboxOnly = ["--port", "--subscribers", "--provider"];
  expect(named.length).toBeGreaterThan(3);
  expect(named.filter((option) => !usage.includes(option) && !sandboxOnly.includes(option))).toEqual([]);
});

test("every option of connect is in the manual, and no other", () => {
  const named = sectionOf("docs/functions.md", "Connect an account").match(/(?<=`)--[a-z]+/g) ?? [];
  const usage = usageOf(() => parseConnectCommand(["--help"]));
  const left = ["--token-url", "--help"];
  const options = [...new Set(usage.match(/(?<=^ +)--[a-z-]+/gm))].filter((option) => !left.includes(option));
  expect(named.toSorted()).toEqual(options.toSorted());
});

/** @param help asks for it, which is answered with an error */
function usageOf(help: () => void): string {
  try {
    help();
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}
