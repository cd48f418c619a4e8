import type { Run } from "../../functions/platform/run.ts";

let runs = 0;

/** A run at a fixed time, with all the time in the world unless the test aborts it. */
export function testRun<Report>({
  at = Date.UTC(2026, 5, 1),
  signal = new AbortController().signal,
} = {}): Run<Report> {
  const startedAt = new Date(at);
  return {
    id: `run-${++runs}`,
    startedAt,
    now: () => startedAt,
    deadline: new Date(at + 900_000),
    signal,
    report: {},
    progress: () => undefined,
  };
}
