import type { Row } from "./answer.ts";
import { type Fault, Faults } from "./fault.ts";

/** A request as the sandbox saw it. */
export interface LoggedRequest {
  readonly method: string;
  readonly template: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** The rows of a write that was applied, even if its answer was lost; none of a write that was refused. */
  rows: readonly Row[];
  /** The answer's status, even if the answer was lost; undefined if there was none. */
  status: number | undefined;
  fault: Fault["kind"] | undefined;
}

/** What passes between a sandbox and its clients: the log of requests, and the faults that are injected. */
export class Traffic {
  readonly requests: LoggedRequest[] = [];
  readonly faults = new Faults();
}
