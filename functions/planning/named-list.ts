import type { ListConfiguration } from "../configuration.ts";
import { note, type Run } from "../platform/run.ts";

/** A list's name and what the configuration says of it. */
export interface NamedList {
  readonly name: string;
  readonly configuration: ListConfiguration;
}

/** What a provider needs to know of the run that works on a list. */
export interface RunOfList {
  /** When Lambda ends the function: the provider waits for nothing beyond it. */
  readonly deadline: Date;
  /** Adds a sentence to the report. */
  note(text: string): void;
}

export function runOfList(run: Run<{ notes: readonly string[] }>): RunOfList {
  return { deadline: run.deadline, note: (text) => note(run, text) };
}
