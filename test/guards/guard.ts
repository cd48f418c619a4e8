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

/** Guards that are held by the same tests. */
export interface GuardGroup {
  readonly tests: readonly string[];
  /** Whether the simulation runs the same code, and so may hold them, too. @default false */
  readonly isSimulated?: boolean;
  readonly guards: readonly Guard[];
}
