import { randomBytes } from "node:crypto";
import type { Logger } from "@aws-lambda-powertools/logger";
import type { Context } from "aws-lambda";
import { OutOfTimeError } from "../domain/errors.ts";
import type { Run } from "./run.ts";

/** How much of the function's time is reserved for an orderly stop: a tenth, within these bounds. */
const reserve = { share: 0.1, leastMs: 1_000, mostMs: 15_000 };

/** Progress is logged so many times a phase. */
const linesPerPhase = 10;

/** Fewer than these, of a total that is not known yet, are not worth a line. */
const leastOfUnknown = 1000;

/**
 * Starts a run within Lambda's time limit. Call `end` when it is over.
 *
 * @param options.share how much of the time that is left it may take, from 0 to 1
 */
export function startRun<Report>(
  context: Context,
  logger: Logger,
  { trigger, share }: { readonly trigger: string; readonly share: number },
): { run: Run<Report>; end(): void } {
  const startedAt = new Date();
  const remainingMs = context.getRemainingTimeInMillis();
  const reserveMs = Math.min(reserve.mostMs, Math.max(reserve.leastMs, remainingMs * reserve.share));
  const controller = new AbortController();
  const workMs = Math.max(0, (remainingMs - reserveMs) * share);
  const timer = setTimeout(() => controller.abort(new OutOfTimeError("it was cut short")), workMs);
  const run: Run<Report> = {
    id: `${startedAt.toISOString().replace(/[-:]|\.\d+/g, "")}-${randomBytes(4).toString("hex")}`,
    trigger,
    startedAt,
    now: () => new Date(),
    deadline: new Date(startedAt.getTime() + remainingMs),
    signal: controller.signal,
    stopsAt: new Date(startedAt.getTime() + workMs),
    report: {},
    progress: createProgress(logger),
  };
  return { run, end: () => clearTimeout(timer) };
}

function createProgress(logger: Logger): Run<unknown>["progress"] {
  const stages = new Map<string, string>();
  return (phase, done, total) => {
    const stage = stageOf(done, total);
    if (stage === undefined || stage === stages.get(phase)) return;
    stages.set(phase, stage);
    logger.info("progress", {
      phase,
      done,
      ...(total !== undefined && { total }),
    });
  };
}

/** Of an unknown total, the first digit of what is done: there is a line at 9,000, 10,000 and 20,000. */
function stageOf(done: number, total: number | undefined): string | undefined {
  if (total !== undefined) return `${Math.floor((linesPerPhase * done) / Math.max(1, total))}`;
  return done < leastOfUnknown ? undefined : done.toPrecision(1);
}
