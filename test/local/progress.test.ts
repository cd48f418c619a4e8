import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { stripVTControlCharacters } from "node:util";
import { expect, onTestFinished, test, vi } from "vitest";
import { showProgress } from "../../infra/local/progress.ts";

async function shownInPipe(...lines: (string | object)[]): Promise<string> {
  const output = new PassThrough();
  const progress = showProgress(output);
  for (const line of lines) progress.line(typeof line === "string" ? line : JSON.stringify(line));
  progress.end();
  output.end();
  return text(output);
}

const log = (fields: object) => ({ level: "INFO", timestamp: "2026-11-22T10:00:00.000Z", ...fields });

test("in a pipe, progress is shown as plain lines", async () => {
  const provider = { message: "progress", phase: "reading the provider" };
  const shown = await shownInPipe(
    log({ ...provider, done: 20_000, total: 1_000_000 }),
    log({ message: "progress", phase: "reading the source", done: 7 }),
    log({ ...provider, done: 1_000_000, total: 1_000_000 }),
  );
  expect(shown).toBe(
    [
      "reading the provider: 20,000 of 1,000,000\n",
      "reading the source: 7\n",
      "reading the provider: 1,000,000 of 1,000,000\n",
    ].join(""),
  );
});

test("a log line is shown as its level, its message and its own fields", async () => {
  const noise = { service: "sync-subscribers", xray_trace_id: "1-2", cold_start: true, function_name: "f" };
  const shown = await shownInPipe(
    log({ ...noise, message: "list read", rows: 3, list: "daily", note: "two words" }),
  );
  expect(shown).toBe('INFO list read rows=3 list=daily note="two words"\n');
});

test("an error in a log line is shown as its name and its message, on the same line", async () => {
  const error = { name: "SourceError", message: "line 3: no e-mail", stack: "SourceError\n at somewhere" };
  const shown = await shownInPipe(log({ level: "ERROR", message: "the query failed", error }));
  expect(shown).toBe('ERROR the query failed error="SourceError: line 3: no e-mail"\n');
});

test("metrics are not shown; a line that is not JSON is shown as it is", async () => {
  const metrics = { _aws: { Timestamp: 1, CloudWatchMetrics: [] }, service: "f", RunSucceeded: 1 };
  expect(await shownInPipe(metrics, "(node:1) Warning: something")).toBe("(node:1) Warning: something\n");
});

test("the last line of a run is not shown with the others: its summary is for the caller to show", async () => {
  const output = new PassThrough();
  const progress = showProgress(output);
  expect(progress.summary).toBeUndefined();
  const summary = "daily: subscribed 340";
  progress.line(JSON.stringify(log({ message: "run succeeded", run: "1", summary, report: "reports/…" })));
  expect(progress.summary).toEqual({ text: summary, report: "reports/…", trace: [] });
  const cause = { name: "TypeError", stack: ["at apply (/x/apply.ts:1:1)"] };
  const error = { name: "UnforeseenError", stack: ["at invoke (/x/create-handler.ts:1:1)"], cause };
  progress.line(JSON.stringify(log({ message: "run failed", summary, error })));
  expect(progress.summary).toEqual({ text: summary, trace: cause.stack });
  output.end();
  expect(await text(output)).toBe("");
});

test("in a terminal, the phases under way share one bar; finished phases and log lines stand above it", async () => {
  vi.useFakeTimers();
  vi.stubEnv("CI", "");
  onTestFinished(() => void vi.useRealTimers().unstubAllEnvs());
  const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 120 });
  const { line, end } = showProgress(terminal);
  const step = (phase: string, done: number, total?: number) => {
    line(JSON.stringify(log({ message: "progress", phase, done, total })));
    vi.advanceTimersByTime(100);
  };
  step("reading the provider", 50, 100);
  step("reading the source", 7);
  line(JSON.stringify(log({ message: "list read" })));
  step("reading the provider", 100, 100);
  end();
  terminal.end();
  const shown = stripVTControlCharacters(await text(terminal));
  expect(shown).toMatch(/[━=]{20} reading the provider: 50 of 100 · reading the source: 7/);
  expect(shown).toContain("INFO list read\n");
  expect(shown).toContain("reading the provider: 100 of 100\n");
});
