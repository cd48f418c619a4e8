import type { Limits } from "./limits.ts";

/** The requests of the last second. */
export class SecondLimit {
  readonly #limit: number;
  #recent: number[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Counts a request. @returns false if it is one too many: such a request is not counted */
  admits(now: Date): boolean {
    const at = now.getTime();
    this.#recent = this.#recent.filter((time) => at - time < 1_000);
    if (this.#recent.length >= this.#limit) return false;
    this.#recent.push(at);
    return true;
  }
}

/** What an API key may call. */
export class Quota {
  /** How many requests were counted today. Mutable: tests spend it. */
  usedToday = 0;
  readonly #perDay: number;
  readonly #second: SecondLimit;
  #day = "";

  constructor({ requestsPerDay, requestsPerSecond }: Limits) {
    this.#perDay = requestsPerDay;
    this.#second = new SecondLimit(requestsPerSecond);
  }

  /** Counts a request. @returns which limit it exceeds: such a request is not counted */
  spend(now: Date): "day" | "second" | undefined {
    const day = now.toISOString().slice(0, 10);
    if (this.#day !== "" && this.#day !== day) this.usedToday = 0;
    this.#day = day;
    if (this.usedToday >= this.#perDay) return "day";
    if (!this.#second.admits(now)) return "second";
    this.usedToday++;
    return undefined;
  }
}
