import type { Writable } from "node:stream";
import { isCI, isTTY, progress } from "@clack/prompts";
import { describeStep, parseLogLine, type RunSummary, type Step } from "./log-line.ts";

/** Shows a person what a function writes, line by line. */
export interface Progress {
  /** For `onLine` of a function. */
  line(line: string): void;
  /** What the last run says of itself, which is for its caller to show; undefined if it could not say anything. */
  readonly summary: RunSummary | undefined;
  /** Takes the bar off the screen; to be called when the function has ended. */
  end(): void;
}

/**
 * Shows progress as a bar in a terminal, and as plain lines elsewhere. Log lines are made readable, metrics are
 * left out.
 */
export function showProgress(output: Writable & { columns?: number } = process.stderr): Progress {
  // Some terminals claim to have no columns; the library would then wrap after every character.
  const isTerminal = isTTY(output) && !isCI() && output.columns !== 0;
  const bar = isTerminal ? new TerminalBar(output) : undefined;
  const write = (text: string) => {
    bar?.hide();
    output.write(`${text}\n`);
    bar?.show();
  };
  let summary: RunSummary | undefined;
  return {
    line: (line) => {
      const parsed = parseLogLine(line);
      if (parsed.kind === "hidden") return;
      if (parsed.kind === "summary") summary = parsed.summary;
      else if (parsed.kind === "text") write(parsed.text);
      else if (bar && parsed.step.done !== parsed.step.total) bar.move(parsed.step);
      else {
        bar?.finish(parsed.step.phase);
        write(describeStep(parsed.step));
      }
    },
    get summary() {
      return summary;
    },
    end: () => bar?.hide(),
  };
}

const barSteps = 1000;
const maxPhasesShown = 2;

/** One bar for everything under way: phases may alternate, and a terminal has only one last line. */
class TerminalBar {
  readonly #bar;
  /** The phases that moved last, the latest at the end. */
  readonly #moving = new Map<string, Step>();
  #isShown = false;
  #position = 0;

  constructor(output: Writable) {
    this.#bar = progress({ output, max: barSteps, size: 20, withGuide: false });
  }

  hide(): void {
    if (this.#isShown) this.#bar.clear();
    this.#isShown = false;
  }

  show(): void {
    const steps = [...this.#moving.values()];
    if (steps.length === 0) return;
    if (!this.#isShown) this.#bar.start();
    this.#isShown = true;
    const position = Math.floor(barSteps * share(steps));
    this.#bar.advance(position - this.#position, steps.map(describeStep).join(" · "));
    this.#position = position;
  }

  move(step: Step): void {
    this.#moving.delete(step.phase);
    this.#moving.set(step.phase, step);
    for (const phase of [...this.#moving.keys()].slice(0, -maxPhasesShown)) this.#moving.delete(phase);
    this.show();
  }

  finish(phase: string): void {
    this.#moving.delete(phase);
  }
}

/** How much is done, from 0 to 1, of the phases whose total is known. */
function share(steps: readonly Step[]): number {
  const known = steps.filter(({ total }) => total);
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  if (known.length === 0) return 0;
  return Math.min(1, sum(known.map(({ done }) => done)) / sum(known.map(({ total = 0 }) => total)));
}
