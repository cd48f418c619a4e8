import type { Run } from "../../functions/platform/run.ts";

let runs = 0;

/** A run at a fixed time that never runs out of time, unless the test aborts its signal. */
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
    stopsAt: new Date(at + 885_000),
    report: {},
    progress: () => undefined,
  };
}
