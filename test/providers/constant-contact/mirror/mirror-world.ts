import type { CurrentSubscriber } from "../../../../functions/domain/subscriber.ts";
import { type Mirror, openMirror } from "../../../../functions/providers/constant-contact/mirror/mirror.ts";
import { InMemoryStore } from "../../../support/in-memory-store.ts";
import { InMemoryAccount, ManualClock } from "./in-memory-account.ts";

/** A function that is killed: nothing it does afterwards has any effect. */
export class Killed extends Error {}

/** A bucket whose user is killed around a write: before it, or after it and before its answer. */
class DeadlyStore extends InMemoryStore {
  readonly #bucket: InMemoryStore;
  #writesLeft: number;
  readonly #isWritten: boolean;

  constructor(bucket: InMemoryStore, { writes, isWritten }: { writes: number; isWritten: boolean }) {
    super();
    this.#bucket = bucket;
    this.#writesLeft = writes;
    this.#isWritten = isWritten;
  }

  override async put(...write: Parameters<InMemoryStore["put"]>): Promise<string | undefined> {
    if (this.#writesLeft < 0) throw new Killed();
    if (this.#writesLeft-- > 0) return this.#bucket.put(...write);
    if (this.#isWritten) await this.#bucket.put(...write);
    throw new Killed();
  }

  override async get(key: string) {
    if (this.#writesLeft < 0) throw new Killed();
    return this.#bucket.get(key);
  }
}

export interface RunOptions {
  readonly isWhole?: boolean;
  readonly list?: string;
  readonly joinKnown?: "always";
  /** When the run is killed: after so many writes, of which the last may have been done. */
  readonly killed?: { readonly writes: number; readonly isWritten: boolean };
}

/** An account, the bucket with its mirror, and runs that use both. */
export class MirrorWorld {
  readonly clock = new ManualClock();
  readonly account = new InMemoryAccount(this.clock);
  readonly store = new InMemoryStore();
  readonly notes: string[] = [];
  readonly signal = new AbortController().signal;

  open(store = this.store): Mirror {
    const note = (text: string) => void this.notes.push(text);
    const place = { store, account: "main" };
    return openMirror({ place, client: this.account, clock: this.clock, note });
  }

  /** A run's reading of a list: its rows by address. */
  async run({ isWhole = false, list = "daily", joinKnown, killed }: RunOptions = {}) {
    const mirror = this.open(killed === undefined ? this.store : new DeadlyStore(this.store, killed));
    await mirror.refresh({ isWhole, signal: this.signal });
    return this.rowsOf(mirror, list, joinKnown);
  }

  async rowsOf(mirror: Mirror, list = "daily", joinKnown?: "always") {
    const { rows, counts } = await mirror.list(list, { joinKnown, signal: this.signal });
    const byAddress = new Map<string, CurrentSubscriber>();
    const counted = { subscribed: 0, unsubscribed: 0 };
    for await (const row of rows()) {
      if (byAddress.has(row.email)) throw new Error("an address came twice");
      byAddress.set(row.email, row);
      counted[row.subscribed ? "subscribed" : "unsubscribed"]++;
    }
    if (counted.subscribed !== counts.subscribed || counted.unsubscribed !== counts.unsubscribed) {
      throw new Error("the list's counts are not those of its rows");
    }
    return byAddress;
  }

  /** What the contact with this id is, in one word. */
  static wordFor(rows: ReadonlyMap<string, CurrentSubscriber>, id: string): string {
    const row = rows.get(`${id}@example.fr`);
    return row === undefined ? "nobody" : (row.cause ?? "subscribed");
  }
}
