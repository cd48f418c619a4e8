import { type Answer, jsonAnswer } from "../../infra/sandbox/answer.ts";
import type { Call } from "../../infra/sandbox/call.ts";
import type { Account } from "../../infra/sandbox/ownpage/account.ts";
import { errorAnswer } from "../../infra/sandbox/ownpage/error-answer.ts";
import { answerCall } from "../../infra/sandbox/ownpage/routes.ts";
import type { SimulatedTime } from "./simulated-time.ts";

const weekMs = 7 * 24 * 3_600_000;

/** The sandbox's account, which refuses some addresses and fails on others. */
export class FussyProvider {
  /** Addresses, in small letters, that it refuses. */
  refused: ReadonlySet<string> = new Set();
  /** Addresses, in small letters, of which no request gets an answer but an error of its own. */
  failing: ReadonlySet<string> = new Set();
  /** Whether it takes the other rows of a request that holds a refused one, and names that in its report. */
  takesOthers = false;
  readonly #time: SimulatedTime;
  /** When it last refused a request because of an address, or failed on it. */
  readonly #refusedAt = new Map<string, number>();

  constructor(time: SimulatedTime) {
    this.#time = time;
  }

  /** Whether it takes the address at all, and so every change of it. */
  takes(email: string): boolean {
    return !this.refused.has(email.toLowerCase()) && !this.failing.has(email.toLowerCase());
  }

  /** Whether it did not take the address at some time of the last week, so that runs may remember that. */
  hasRefused(email: string): boolean {
    const at = this.#refusedAt.get(email.toLowerCase()) ?? Number.NEGATIVE_INFINITY;
    return this.#time.now() - at <= weekMs;
  }

  get hasRefusedAny(): boolean {
    return [...this.#refusedAt.keys()].some((email) => this.hasRefused(email));
  }

  async answer(call: Call, account: Account): Promise<Answer> {
    const { body } = call;
    if (!Array.isArray(body)) return await answerCall(call, account);
    for (const { email } of body) {
      if (!this.takes(email)) this.#refusedAt.set(email.toLowerCase(), this.#time.now());
    }
    if (body.some(({ email }) => this.failing.has(email.toLowerCase()))) return errorAnswer(500, "Oops");
    if (!this.takesOthers) return await answerCall(call, account);
    const answer = await answerCall(
      { ...call, body: body.filter(({ email }) => this.takes(email)) },
      account,
    );
    if (answer.status !== 200) return answer;
    const { report } = JSON.parse(Buffer.concat(answer.body).toString());
    const errors = body.flatMap(({ email }, at) =>
      this.takes(email) ? [] : [`L${at + 1}: email is invalid`],
    );
    return { ...jsonAnswer({ report: { ...report, errors } }), rows: answer.rows! };
  }
}
