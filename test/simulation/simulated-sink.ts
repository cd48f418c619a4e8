import { once } from "node:events";
import { SinkError } from "../../functions/domain/errors.ts";
import type { Return } from "../../functions/domain/return.ts";
import type { Sink, Taken } from "../../functions/sinks/sink.ts";
import type { Chance } from "./chance.ts";
import type { Invocation } from "./invocation.ts";
import type { SimulatedDatabase } from "./simulated-database.ts";
import type { SimulatedTime } from "./simulated-time.ts";
import { execute, type RowChange } from "./statements.ts";

/** A transaction in which the database was told of readers. */
export interface Taking {
  readonly invocation: string;
  readonly at: number;
  readonly returns: readonly Return[];
  readonly changes: readonly RowChange[];
  /** How many rows each statement changed. */
  readonly counts: readonly number[];
  readonly isCommitted: boolean;
  /** Whether the answer reached the function. */
  isAnswered: boolean;
}

interface SinkListener {
  /** It commits. */
  onTaken(taking: Taking): void;
  /** An invocation does not wait any longer for a database that has not answered since then. */
  onGivenUp(invocation: Invocation, since: number): void;
}

const faults = ["out of reach", "refused", "cut off", "hangs", "lost"] as const;

/** The statements of the publisher, as a run has the database execute them. */
export class SimulatedSink {
  failureRate = 0;
  readonly takings: Taking[] = [];
  readonly #chance: Chance;
  readonly #time: SimulatedTime;
  readonly #database: SimulatedDatabase;
  readonly #listener: SinkListener;

  constructor(
    chance: Chance,
    time: SimulatedTime,
    { database, ...listener }: SinkListener & { readonly database: SimulatedDatabase },
  ) {
    this.#chance = chance;
    this.#time = time;
    this.#database = database;
    this.#listener = listener;
  }

  sinkFor(invocation: Invocation): Sink {
    return { take: (returns, options) => this.#take(invocation, returns, options) };
  }

  async #take(
    invocation: Invocation,
    returns: AsyncIterable<readonly Return[]>,
    { commit, signal }: Parameters<Sink["take"]>[1],
  ): Promise<Taken> {
    const fault = this.#chance.happens(this.failureRate) ? this.#chance.pick(faults) : undefined;
    await this.#pass(invocation, signal);
    if (fault === "out of reach") throw new SinkError("the connection", "cannot be made");
    const told: Return[] = [];
    for await (const batch of returns) {
      told.push(...batch);
      await this.#pass(invocation, signal);
    }
    if (fault === "hangs") await this.#hang(invocation, signal);
    if (fault === "refused") throw new SinkError("statement 2", "is refused with 42703");
    if (fault === "cut off") throw new SinkError("the connection", "ended before the commit");
    const taking = this.#execute(invocation, told, commit);
    await this.#time.wait(this.#chance.between(1, 50));
    await invocation.step();
    if (fault === "lost") throw new SinkError("the commit", "got no answer");
    taking.isAnswered = true;
    return { rows: told.length, statements: taking.counts };
  }

  async #hang(invocation: Invocation, signal: AbortSignal): Promise<void> {
    const since = this.#time.now();
    if (!signal.aborted) await once(signal, "abort");
    this.#listener.onGivenUp(invocation, since);
    signal.throwIfAborted();
  }

  async #pass(invocation: Invocation, signal: AbortSignal): Promise<void> {
    await invocation.step();
    await this.#time.wait(this.#chance.between(1, 50), signal);
    await invocation.step();
    signal.throwIfAborted();
  }

  #execute({ id }: Invocation, returns: readonly Return[], isCommitted: boolean): Taking {
    const { rows, changes, counts } = execute(this.#database.rows, returns, this.#database.current);
    const at = this.#time.now();
    const taking = { invocation: id, at, returns, changes, counts, isCommitted, isAnswered: false };
    this.takings.push(taking);
    if (isCommitted) {
      this.#listener.onTaken(taking);
      this.#database.rows = rows;
    }
    return taking;
  }
}
