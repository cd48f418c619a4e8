import type { Logger } from "@aws-lambda-powertools/logger";
import type { Context } from "aws-lambda";
import { OutOfTimeError } from "../domain/errors.ts";
import type { Run } from "./run.ts";

/** How much of the function's time is kept for stopping in order: a tenth, within these bounds. */
const reserve = { share: 0.1, leastMs: 1_000, mostMs: 15_000 };

/** A progress line is logged for each of so many parts of a whole that is known, or for so many rows else. */
const partsLogged = 10;
const rowsLogged = 250_000;

/** Begins a run within Lambda's limits; `end` must be called when it is over. */
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

/** Logs a line whenever a phase has come a part further. */
function createProgress(logger: Logger): Run<unknown>["progress"] {
  const partsDone = new Map<string, number>();
  return (phase, done, total) => {
    const part = total === undefined ? done / rowsLogged : (partsLogged * done) / Math.max(1, total);
    if (Math.floor(part) === partsDone.get(phase)) return;
    partsDone.set(phase, Math.floor(part));
    logger.info("progress", {
      phase,
      done,
      ...(total !== undefined && { total }),
    });
  };
}
