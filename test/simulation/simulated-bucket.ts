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
  /** Somebody lost an object of the memory, or damaged it. */
  onMemoryLost(): void;
  /** An invocation could not read an object of the memory, or was given a damaged one. */
  onMemoryUnread(invocation: Invocation, key: string): void;
}

const memoryFolder = "memory/daily/";

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
      put: (key, bytes, condition) =>
        this.#call(invocation, () => this.#put(key, bytes, condition)).catch((error) => {
          if (key.startsWith(memoryFolder)) this.#listener.onMemoryLost();
          throw error;
        }),
      get: (key) => {
        const isFirst = !read.has(key);
        read.add(key);
        const onUnread = () => isFirst && this.#listener.onMemoryUnread(invocation, key);
        return this.#call(invocation, () => this.#get(key, onUnread)).catch((error) => {
          onUnread();
          throw error;
        });
      },
    };
  }

  /** Loses an object of the memory, replaces it by an older version, or damages it. */
  async harmMemory(): Promise<void> {
    const known = [...this.objects.objects.keys()].filter((key) => key.startsWith(memoryFolder));
    if (known.length === 0) return;
    const key = this.#chance.pick(known);
    const { bytes } = this.objects.objects.get(key)!;
    this.#listener.onMemoryLost();
    switch (this.#chance.pick(["lost", "older", "cut", "garbage"] as const)) {
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

  async #get(key: string, onDamaged: () => void): Promise<StoredObject | undefined> {
    const object = await this.objects.get(key);
    if (object && this.#damaged.has(object.etag)) onDamaged();
    return object;
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
