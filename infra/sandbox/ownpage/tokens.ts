import { randomUUID } from "node:crypto";

/** The client tokens in use, each good for a number of calls. */
export class Tokens {
  readonly #callsLeft = new Map<string, number>();
  readonly #calls: number;

  constructor(calls: number) {
    this.#calls = calls;
  }

  issue(): string {
    const token = randomUUID();
    this.#callsLeft.set(token, this.#calls);
    return token;
  }

  /** Counts a call that is made with the token. @returns false if it is missing, unknown or expired */
  accepts(token: string | undefined): boolean {
    const left = token === undefined ? 0 : (this.#callsLeft.get(token) ?? 0);
    if (left > 0) this.#callsLeft.set(token!, left - 1);
    return left > 0;
  }

  expireAll(): void {
    this.#callsLeft.clear();
  }
}
