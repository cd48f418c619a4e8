import type { Run } from "../../functions/platform/run.ts";

let runs = 0;

/**
 * A run at a fixed time that never runs out of time, unless the test aborts its signal.
 *
 * @param trigger another one for each run by default: as if no event were delivered twice
 */
export function testRun<Report>({
  at = Date.UTC(2026, 5, 1),
  signal = new AbortController().signal,
  trigger = "",
} = {}): Run<Report> {
  const startedAt = new Date(at);
  const id = `run-${++runs}`;
  return {
    id,
    trigger: trigger || `the trigger of ${id}`,
    startedAt,
    now: () => startedAt,
    deadline: new Date(at + 900_000),
    signal,
    stopsAt: new Date(at + 885_000),
    report: {},
    progress: () => undefined,
  };
}
