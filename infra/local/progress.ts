import type { Writable } from "node:stream";
import { isCI, isTTY, progress } from "@clack/prompts";
import { describeStep, parseLogLine, type Step } from "./log-line.ts";

/** Shows a person what a function writes, line by line. */
export type Progress = {
  /** For `onLine` of a function. */
  line(line: string): void;
  /** Takes a bar off the screen; to be called when the function has ended. */
  end(): void;
};

/**
 * Progress becomes a bar in a terminal and one plain line a time elsewhere; log lines are made readable,
 * metrics are left out.
 */
export function showProgress(output: Writable & { columns?: number } = process.stderr): Progress {
  // Some terminals say that they have no columns; the library would then break after every character.
  const isTerminal = isTTY(output) && !isCI() && output.columns !== 0;
  const bar = isTerminal ? terminalBar(output) : undefined;
  const write = (text: string) => {
    bar?.hide();
    output.write(`${text}\n`);
    bar?.show();
  };
  return {
    line: (line) => {
      const parsed = parseLogLine(line);
      if (parsed.kind === "hidden") return;
      if (parsed.kind === "text") write(parsed.text);
      else if (bar && parsed.step.done !== parsed.step.total) bar.move(parsed.step);
      else {
        bar?.finish(parsed.step.phase);
        write(describeStep(parsed.step));
      }
    },
    end: () => bar?.hide(),
  };
}

const barSteps = 1000;
const mostPhasesShown = 2;

/** One bar for all that is going on: phases may alternate, and a terminal has one last line. */
function terminalBar(output: Writable) {
  const bar = progress({ output, max: barSteps, size: 20, withGuide: false });
  /** The phases that moved last, the latest at the end. */
  const moving = new Map<string, Step>();
  let isShown = false;
  let position = 0;

  const hide = () => {
    if (isShown) bar.clear();
    isShown = false;
  };
  const show = () => {
    const steps = [...moving.values()];
    if (steps.length === 0) return;
    if (!isShown) bar.start();
    isShown = true;
    const next = Math.floor(barSteps * share(steps));
    bar.advance(next - position, steps.map(describeStep).join(" · "));
    position = next;
  };
  return {
    hide,
    show,
    move: (step: Step) => {
      moving.delete(step.phase);
      moving.set(step.phase, step);
      for (const phase of [...moving.keys()].slice(0, -mostPhasesShown)) moving.delete(phase);
      show();
    },
    finish: (phase: string) => moving.delete(phase),
  };
}

/** How much is done, from 0 to 1, of the phases whose total is known. */
function share(steps: readonly Step[]): number {
  const known = steps.filter(({ total }) => total);
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  if (known.length === 0) return 0;
  return Math.min(1, sum(known.map(({ done }) => done)) / sum(known.map(({ total = 0 }) => total)));
}
