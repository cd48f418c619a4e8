import { hasStatus, jsonArray, PageBlocks, type PageRange, type Status } from "./page-blocks.ts";
import { completeSubscriber, type Subscriber, type SubscriberSeed, unsubscribe } from "./subscriber.ts";
import { SubscriberRows } from "./subscriber-rows.ts";
import { syntheticCause } from "./synthetic-subscriber.ts";

/** What a list holds at first: `synthetic` of the synthetic subscribers, then the others. */
export interface ListSetup {
  /** @default none: the one implicit list of the legacy API */
  readonly id?: number;
  readonly name?: string;
  readonly subscribers?: readonly SubscriberSeed[];
  readonly synthetic?: number;
}

interface ListContext {
  readonly now: () => Date;
  readonly serialise: (subscriber: Subscriber) => string;
}

interface SubscriberCounts {
  readonly subscribed: number;
  readonly unsubscribed: number;
  readonly cause: Readonly<Record<string, number>>;
}

/** One list at the provider, which tests inspect and change behind the API's back. */
export class SubscriberList {
  readonly id: number | undefined;
  readonly name: string;
  readonly createdAt: Date;
  readonly #context: ListContext;
  readonly #rows: SubscriberRows;
  readonly #blocks: PageBlocks;
  readonly #causes = new Map<string, number>();
  #updatedAt: Date;

  constructor({ id, name, subscribers = [], synthetic = 0 }: ListSetup, context: ListContext) {
    this.id = id;
    this.name = name ?? (id === undefined ? "Legacy" : `List ${id}`);
    this.createdAt = this.#updatedAt = context.now();
    this.#context = context;
    this.#rows = new SubscriberRows(synthetic);
    this.#blocks = new PageBlocks(this.#rows, context.serialise);
    for (let n = 0; n < synthetic; n++) this.#tally(n, syntheticCause(n), 1);
    for (const seed of subscribers) this.set(seed);
  }

  get updatedAt(): Date {
    return this.#updatedAt;
  }

  get size(): number {
    return this.#blocks.total("subscribed") + this.#blocks.total("unsubscribed");
  }

  /** A copy of the whole list by exact address, in the order of the pages. */
  get subscribers(): ReadonlyMap<string, Subscriber> {
    return new Map(Array.from(this.values(), (subscriber) => [subscriber.email, subscriber]));
  }

  *values(): Generator<Subscriber> {
    for (let n = 0; n < this.#rows.length; n++) {
      const row = this.#rows.at(n);
      if (row) yield row;
    }
  }

  get(email: string): Subscriber | undefined {
    const number = this.#rows.numberOf(email);
    return number === undefined ? undefined : this.#rows.at(number);
  }

  /** Adds subscribers, or replaces those with the same address, completed with what the provider would have set. */
  set(...seeds: SubscriberSeed[]): void {
    for (const seed of seeds) this.put(completeSubscriber(seed, this.#context.now()));
  }

  /** Unsubscribes a reader as the provider's own form does, or with another cause. Throws for an unknown address. */
  optOut(email: string, cause = "READER", at: Date = this.#context.now()): void {
    const known = this.get(email);
    if (!known) throw new Error(`Nobody to opt out at this address in the list "${this.name}"`);
    this.put(unsubscribe(known, cause, at));
  }

  /** Stores a complete row, in its place or at the end. */
  put(subscriber: Subscriber): void {
    this.#forget(this.#rows.numberOf(subscriber.email));
    this.#tally(this.#rows.put(subscriber), causeOf(subscriber), 1);
    this.#updatedAt = this.#context.now();
  }

  /** Later rows move up by one place in the pages. @returns whether the address was there */
  delete(email: string): boolean {
    const number = this.#rows.numberOf(email);
    if (number === undefined || !this.#forget(number)) return false;
    this.#rows.delete(number);
    this.#updatedAt = this.#context.now();
    return true;
  }

  /** Deletes everyone with a status. @returns how many there were */
  clear(status: Status = "all"): number {
    const before = this.size;
    for (const subscriber of this.values()) if (hasStatus(subscriber, status)) this.delete(subscriber.email);
    return before - this.size;
  }

  /** Causes that nobody has are left out, as in the oldest documentation. */
  counts(): SubscriberCounts {
    return {
      subscribed: this.#blocks.total("subscribed"),
      unsubscribed: this.#blocks.total("unsubscribed"),
      cause: Object.fromEntries([...this.#causes].filter(([, count]) => count > 0)),
    };
  }

  /** A page as the parts of a JSON array. */
  page(range: PageRange): Buffer[] {
    return this.#blocks.page(range);
  }

  /** A page of the addresses that contain `search` in any case or, with `exact`, that equal it. */
  search({ status, offset, count }: PageRange, search: string, exact: boolean): Buffer[] {
    const candidates = exact ? [this.get(search)].filter((known) => known !== undefined) : this.values();
    const needle = search.toLowerCase();
    const found: Subscriber[] = [];
    for (const subscriber of candidates) {
      if (found.length === offset + count) break;
      const isFound = subscriber.email.toLowerCase().includes(needle) && hasStatus(subscriber, status);
      if (isFound) found.push(subscriber);
    }
    return jsonArray(
      found.slice(offset).map((subscriber) => Buffer.from(this.#context.serialise(subscriber))),
    );
  }

  #forget(number: number | undefined): boolean {
    const known = number === undefined ? undefined : this.#rows.at(number);
    if (known) this.#tally(number!, causeOf(known), -1);
    return known !== undefined;
  }

  #tally(number: number, cause: string | undefined, by: 1 | -1): void {
    this.#blocks.tally(number, cause === undefined ? "subscribed" : "unsubscribed", by);
    if (cause !== undefined) this.#causes.set(cause, (this.#causes.get(cause) ?? 0) + by);
  }
}

const causeOf = ({ subscribed, unsubscribed_cause }: Subscriber): string | undefined =>
  subscribed ? undefined : (unsubscribed_cause ?? "UNKNOWN");
