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

/** One bucket for every invocation. Any call may fail, before or after it takes effect. */
export class SimulatedBucket {
  readonly objects = new InMemoryStore();
  failureRate = 0;
  readonly #chance: Chance;
  readonly #time: SimulatedTime;

  constructor(chance: Chance, time: SimulatedTime) {
    this.#chance = chance;
    this.#time = time;
  }

  storeFor(invocation: Invocation): ObjectStore {
    return {
      put: (key, bytes, condition) => this.#call(invocation, () => this.#put(key, bytes, condition)),
      get: (key) => this.#call(invocation, () => this.objects.get(key)),
    };
  }

  /** The SDK repeats a put whose answer was lost, and by then its condition no longer holds. */
  async #put(key: string, bytes: Uint8Array, condition?: PutCondition): Promise<string | undefined> {
    const etag = await this.objects.put(key, bytes, condition);
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
