/** One guard of the code: the rule that it keeps, and how to break it. */
export interface Guard {
  /** The rule, which the code violates once the guard is broken. */
  readonly keeps: string;
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly code: string;
  /** What replaces it. */
  readonly broken: string;
}

/** A provider whose histories `npm run simulate -- --provider NAME` simulates. */
export type SimulatedProvider = "ownpage" | "constant-contact";

/** Guards that are held by the same tests. */
export interface GuardGroup {
  readonly tests: readonly string[];
  /** The providers whose histories run the same code, and so may hold them, too. @default none */
  readonly simulated?: readonly SimulatedProvider[];
  readonly guards: readonly Guard[];
}
