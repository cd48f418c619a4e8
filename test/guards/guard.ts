/** One guard of the code: what it keeps from happening, and how it is broken. */
export interface Guard {
  /** What the code no longer does when it is broken. */
  readonly keeps: string;
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly code: string;
  /** What takes its place. */
  readonly broken: string;
}

/** Guards that the same tests hold. */
export interface GuardGroup {
  readonly tests: readonly string[];
  /** Whether the simulation runs the same code, and so may hold them, too. @default false */
  readonly isSimulated?: boolean;
  readonly guards: readonly Guard[];
}
