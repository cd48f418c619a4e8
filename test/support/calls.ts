import { OutOfTimeError } from "../../functions/domain/errors.ts";

/** What may happen to one call to the outside. "When time is over" means that the run's signal fires then. */
export const faults = [
  "fails",
  "is done, and its answer is lost",
  "fails, and is done when the run is over",
  "is done twice, and the second answer counts",
  "begins when time is over",
  "ends when time is over",
  "never ends, as the run is killed",
] as const;
export type Fault = (typeof faults)[number];

/** A call failed because a test made it fail. */
export class CallFailure extends Error {
  override readonly name = "CallFailure";
  readonly fault: Fault;
  constructor(place: string, fault: Fault) {
    super(`${place} ${fault}`);
    this.fault = fault;
  }
}

const never = new Promise<never>(() => undefined);

/**
 * All calls of one run to the outside, each of which may suffer a fault. A call's place is its name and a count of its
 * own, as in `describe a.csv #2`: unlike a running number, it is the same each time, even among concurrent calls.
 */
export class Calls {
  /** The places of the calls so far. */
  readonly places: string[] = [];
  /** The run's signal. */
  readonly signal: AbortSignal;
  /** Resolves when the run is killed; from then on, none of its calls ever resolves. */
  readonly killed: Promise<void>;
  /** Awaited before the call is made. */
  onCall: (place: string) => void | Promise<void> = () => undefined;
  readonly #faults: ReadonlyMap<string, Fault>;
  readonly #time = new AbortController();
  readonly #end = Promise.withResolvers<void>();
  readonly #counts = new Map<string, number>();
  readonly #late: (() => Promise<unknown>)[] = [];
  #isKilled = false;

  constructor(faults: Iterable<readonly [string, Fault]> = []) {
    this.#faults = new Map(faults);
    this.signal = this.#time.signal;
    this.killed = this.#end.promise;
  }

  /** @param signal abandons the call when it fires */
  async make<Result>(name: string, work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    await this.#ifAlive();
    const place = this.#placeOf(name);
    this.places.push(place);
    await this.onCall(place);
    const fault = this.#faults.get(place);
    if (fault === "never ends, as the run is killed") this.#kill();
    await this.#ifAlive();
    if (fault === "begins when time is over") this.#endTime();
    signal?.throwIfAborted();
    if (fault === "fails, and is done when the run is over") this.#late.push(work);
    if (fault?.startsWith("fails")) throw new CallFailure(place, fault);
    let result = await work();
    if (fault === "is done twice, and the second answer counts") result = await work();
    if (fault === "is done, and its answer is lost") throw new CallFailure(place, fault);
    if (fault === "ends when time is over") this.#endTime();
    await this.#ifAlive();
    signal?.throwIfAborted();
    return result;
  }

  /** A call that does nothing but can suffer a fault. */
  async pass(name: string, signal?: AbortSignal): Promise<void> {
    await this.make(name, async () => undefined, signal);
  }

  /** Completes failed calls that were under way all the same; must be called when the run is over. */
  async finishLate(): Promise<void> {
    for (const work of this.#late.splice(0)) await work().catch(() => undefined);
  }

  async #ifAlive(): Promise<void> {
    if (this.#isKilled) await never;
  }

  #kill(): void {
    this.#isKilled = true;
    this.#end.resolve();
  }

  #endTime(): void {
    this.#time.abort(new OutOfTimeError("it was cut short"));
  }

  #placeOf(name: string): string {
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return `${name} #${count}`;
  }
}
