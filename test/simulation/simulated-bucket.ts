import { approvalKey } from "../../functions/platform/storage/object-keys.ts";
import type {
  ObjectStore,
  PutCondition,
  StoredObject,
} from "../../functions/platform/storage/object-store.ts";
import { InMemoryStore } from "../support/in-memory-store.ts";
import type { Chance } from "./chance.ts";
import type { Invocation } from "./invocation.ts";
import type { SimulatedTime } from "./simulated-time.ts";

/** S3 did not answer, despite the SDK's retries. */
export class S3Failure extends Error {
  override readonly name = "S3Failure";
}

interface BucketListener {
  /**
   * An object of the memory was not written, as far as an invocation knows, or somebody damaged it or lost it, or replaced
   * it by an older version. For the day's budget, only what does not show.
   */
  onMemoryLost(): void;
  /** An invocation could not read an object of the memory, or was given a damaged one. */
  onMemoryUnread(invocation: Invocation, key: string): void;
  /** An invocation has read the day's budget, or found that it is damaged or missing. */
  onBudgetRead(invocation: Invocation, isLost: boolean): void;
  /** Somebody damaged the day's budget or lost it, which shows. */
  onBudgetLost(): void;
}

const memoryFolder = "memory/daily/";
export const budgetKey = `${memoryFolder}budget.json`;
/** Whatever happens to it ends a run before it does anything, so it is left alone here. */
const approval = approvalKey("daily");

/** One bucket for every invocation. Any call may fail, before or after it takes effect. */
export class SimulatedBucket {
  readonly objects = new InMemoryStore();
  failureRate = 0;
  readonly #chance: Chance;
  readonly #time: SimulatedTime;
  readonly #listener: BucketListener;
  /** By key, what the memory's objects were. */
  readonly #versions = new Map<string, Uint8Array[]>();
  /** ETags of damaged objects. */
  readonly #damaged = new Set<string>();

  constructor(chance: Chance, time: SimulatedTime, listener: BucketListener) {
    this.#chance = chance;
    this.#time = time;
    this.#listener = listener;
  }

  storeFor(invocation: Invocation): ObjectStore {
    const read = new Set<string>();
    return {
      put: (key, bytes, condition) => {
        if (key === approval) return this.objects.put(key, bytes, condition);
        return this.#call(invocation, () => this.#put(key, bytes, condition)).catch((error) => {
          if (key.startsWith(memoryFolder)) this.#listener.onMemoryLost();
          throw error;
        });
      },
      get: (key) => {
        if (key === approval) return this.objects.get(key);
        const isFirst = !read.has(key);
        read.add(key);
        const onUnread = () => isFirst && this.#listener.onMemoryUnread(invocation, key);
        return this.#call(invocation, () => this.objects.get(key)).then(
          (object) => {
            if (isFirst && key === budgetKey) this.#onBudgetRead(invocation, object);
            else if (object && this.#damaged.has(object.etag)) onUnread();
            return object;
          },
          (error) => {
            // Later on, only a put is looked for of which it is not known whether it was done.
            if (!isFirst && key.startsWith(memoryFolder)) this.#listener.onMemoryLost();
            onUnread();
            throw error;
          },
        );
      },
    };
  }

  /** Loses an object of the memory, replaces it by an older version, or damages it. */
  async harmMemory(): Promise<void> {
    const known = [...this.objects.objects.keys()].filter((key) => key.startsWith(memoryFolder));
    if (known.length === 0) return;
    const key = this.#chance.pick(known);
    const { bytes } = this.objects.objects.get(key)!;
    const harm = this.#chance.pick(["lost", "older", "cut", "garbage"] as const);
    if (key === budgetKey && harm !== "older") this.#listener.onBudgetLost();
    else this.#listener.onMemoryLost();
    switch (harm) {
      case "lost":
        this.objects.objects.delete(key);
        return;
      case "older":
        await this.objects.put(key, this.#chance.pick(this.#versions.get(key)!));
        return;
      case "cut":
        await this.#damage(key, bytes.subarray(0, this.#chance.between(0, bytes.length - 1)));
        return;
      case "garbage":
        await this.#damage(key, Buffer.from("<html>Not now</html>"));
    }
  }

  async #damage(key: string, bytes: Uint8Array): Promise<void> {
    this.#damaged.add((await this.objects.put(key, bytes))!);
  }

  /** Only the very first run of a list finds none. */
  #onBudgetRead(invocation: Invocation, object: StoredObject | undefined): void {
    const isLost = object === undefined ? this.#versions.has(budgetKey) : this.#damaged.has(object.etag);
    // If it has changed meanwhile, the invocation cannot replace it, and the next one reads what it is by then.
    const isStill = this.objects.objects.get(budgetKey)?.etag === object?.etag;
    this.#listener.onBudgetRead(invocation, isLost && isStill);
  }

  /** The SDK repeats a put whose answer was lost, and by then its condition no longer holds. */
  async #put(key: string, bytes: Uint8Array, condition?: PutCondition): Promise<string | undefined> {
    const etag = await this.objects.put(key, bytes, condition);
    if (key.startsWith(memoryFolder) && etag !== undefined) {
      this.#versions.set(key, [...(this.#versions.get(key) ?? []), this.objects.objects.get(key)!.bytes]);
    }
    return this.#chance.happens(this.failureRate / 2) ? this.objects.put(key, bytes, condition) : etag;
  }

  async #call<Result extends string | StoredObject | undefined>(
    invocation: Invocation,
    work: () => Promise<Result>,
  ): Promise<Result> {
    await invocation.step();
    await this.#time.wait(this.#chance.between(5, 40));
    if (this.#chance.happens(this.failureRate / 2)) throw new S3Failure("no answer, and nothing was done");
    const result = await work();
    const isLost = this.#chance.happens(this.failureRate / 2);
    await this.#time.wait(this.#chance.between(5, 40));
    await invocation.step();
    if (isLost) throw new S3Failure("no answer, though it was done");
    return result;
  }
}
