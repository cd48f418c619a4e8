import type { Logger } from "@aws-lambda-powertools/logger";
import type { Context } from "aws-lambda";
import { OutOfTimeError } from "../domain/errors.ts";
import type { Run } from "./run.ts";

/** How much of the function's time is reserved for an orderly stop: a tenth, within these bounds. */
const reserve = { share: 0.1, leastMs: 1_000, mostMs: 15_000 };

/** Progress is logged ten times per phase if its total is known, otherwise once every so many rows. */
const linesPerPhase = 10;
const rowsPerLine = 250_000;

/** Starts a run within Lambda's time limit. Call `end` when it is over. */
export function startRun<Report>(context: Context, logger: Logger): { run: Run<Report>; end(): void } {
  const startedAt = new Date();
  const remainingMs = context.getRemainingTimeInMillis();
  const reserveMs = Math.min(reserve.mostMs, Math.max(reserve.leastMs, remainingMs * reserve.share));
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new OutOfTimeError("it was cut short")),
    Math.max(0, remainingMs - reserveMs),
  );
  const run: Run<Report> = {
    id: `${startedAt.toISOString().replace(/[-:]|\.\d+/g, "")}-${context.awsRequestId.slice(0, 8)}`,
    startedAt,
    now: () => new Date(),
    deadline: new Date(startedAt.getTime() + remainingMs),
    signal: controller.signal,
    report: {},
    progress: createProgress(logger),
  };
  return { run, end: () => clearTimeout(timer) };
}

function createProgress(logger: Logger): Run<unknown>["progress"] {
  const linesDue = new Map<string, number>();
  return (phase, done, total) => {
    const due = total === undefined ? done / rowsPerLine : (linesPerPhase * done) / Math.max(1, total);
    if (Math.floor(due) === linesDue.get(phase)) return;
    linesDue.set(phase, Math.floor(due));
    logger.info("progress", {
      phase,
      done,
      ...(total !== undefined && { total }),
    });
  };
}
