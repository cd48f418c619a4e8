import { parseArgs } from "node:util";

/** What each flag is if it is not given. */
type Defaults = Readonly<Record<string, string>>;

/** The flags that every sandbox has. */
const sharedDefaults = { provider: "", port: "4010", delay: "0" } as const satisfies Defaults;

type Flags<D extends Defaults> = Readonly<Record<keyof D | keyof typeof sharedDefaults, string>>;

/** A sandbox that runs in a process of its own. */
interface RunningSandbox {
  /** The API's base URL, for the process that started this one. */
  readonly url: string;
  /** Everything that a client needs to know, for the terminal. */
  readonly greeting: string;
  stop(): Promise<void>;
}

export interface SandboxCommand<D extends Defaults> {
  readonly usage: string;
  /** The flags of this sandbox alone, with their defaults. */
  readonly defaults: D;
  start(flags: Flags<D>): Promise<RunningSandbox>;
}

/** Runs a sandbox until it is interrupted. A wrong flag, or a port that is taken, ends with the usage. */
export async function runSandboxCommand<D extends Defaults>(command: SandboxCommand<D>): Promise<void> {
  try {
    const flags = readFlags(command.defaults);
    if (flags === "help") return console.log(command.usage);
    const { url, greeting, stop } = await command.start(flags);
    const end = () => stop().then(() => process.exit(0));
    process.once("SIGINT", end).once("SIGTERM", end).once("disconnect", end);
    console.log(greeting);
    process.send?.({ url });
  } catch (error) {
    refuse(error as NodeJS.ErrnoException, command.usage);
  }
}

/** Says why a command cannot be run, and how to use it. */
export function refuse(error: NodeJS.ErrnoException, usage: string): void {
  const reason = error.code === "EADDRINUSE" ? "the port is taken: choose another --port" : error.message;
  console.error(`${reason}\n\n${usage}`);
  process.exitCode = 1;
}

/** @throws Error unless the flag's value is a whole number from 0 to the limit */
export function wholeNumber(flag: string, value: string, limit: number): number {
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (number <= limit) return number;
  throw new Error(`--${flag} must be a whole number from 0 to ${limit}, not "${value}"`);
}

/** The port and the delay that the flags name. */
export function serverFlags({ port, delay }: Flags<Defaults>): {
  readonly port: number;
  readonly delayMs: number;
} {
  return { port: wholeNumber("port", port!, 65_535), delayMs: wholeNumber("delay", delay!, 3_600_000) };
}

function readFlags<D extends Defaults>(defaults: D): Flags<D> | "help" {
  const all = Object.entries({ ...sharedDefaults, ...defaults });
  const texts = Object.fromEntries(
    all.map(([flag, value]) => [flag, { type: "string", default: value } as const]),
  );
  const { values } = parseArgs({ options: { ...texts, help: { type: "boolean", default: false } } });
  const { help, ...flags } = values;
  return help === true ? "help" : (flags as Flags<D>);
}
