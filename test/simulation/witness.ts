import { createHash } from "node:crypto";
import type { Answer } from "../../infra/sandbox/ownpage/answer.ts";
import type { Call } from "../../infra/sandbox/ownpage/call.ts";
import type { Subscriber } from "../../infra/sandbox/ownpage/subscriber.ts";
import type { SubscriberList } from "../../infra/sandbox/ownpage/subscriber-list.ts";
import type { WriteReport } from "../../infra/sandbox/ownpage/subscriber-write.ts";
import type { Invocation } from "./invocation.ts";
import type { SimulatedTime } from "./simulated-time.ts";

/** What a write did to one row at the provider. */
export interface Transition {
  readonly email: string;
  readonly before: Subscriber | undefined;
  readonly after: Subscriber;
}

/** A write that the provider applied. */
export interface AppliedWrite {
  readonly invocation: string;
  readonly at: number;
  readonly rows: readonly { email: string; subscribed?: unknown; unsubscribed_cause?: unknown }[];
  readonly report: WriteReport;
  readonly transitions: readonly Transition[];
  /** Whether the answer reached the function whole. */
  isAnswered: boolean;
}

/** Whoever is told of what the provider sees. */
interface Told {
  onRequest(invocation: Invocation): void;
  onWrite(write: AppliedWrite): void;
  /** A row is to be resubscribed that was not looked at since it was last sent. */
  onUnseen(): void;
}

/** Stands at the provider's side: what every invocation was shown there, and what its writes did. */
export class Witness {
  readonly writes: AppliedWrite[] = [];
  /** By invocation and spelling: when the row was shown last, in ms since the epoch. */
  readonly #shown = new Map<string, number>();
  /** By invocation: who was shown to be subscribed. */
  readonly #subscribed = new Map<string, Set<string>>();
  /** For what was sent with `subscribed: true`: when it had been shown. */
  readonly #sentAfter = new Map<string, number>();
  readonly #digest = createHash("sha256");
  readonly #writeOf = new WeakMap<Answer, AppliedWrite>();
  readonly #list: SubscriberList;
  readonly #time: SimulatedTime;
  readonly #told: Told;

  constructor(list: SubscriberList, time: SimulatedTime, told: Told) {
    this.#list = list;
    this.#time = time;
    this.#told = told;
  }

  /** When an invocation was shown a row last; undefined when it never was. */
  lastShown(invocation: string, email: string): number | undefined {
    return this.#shown.get(`${invocation} ${email}`);
  }

  /** How many addresses an invocation was shown to be subscribed: more than there ever were at once, if some went. */
  subscribedShown(invocation: string): number {
    return this.#subscribed.get(invocation)?.size ?? 0;
  }

  /** Of every request that arrived and what was answered, but for tokens, which differ each time. */
  get digest(): string {
    return this.#digest.copy().digest("hex");
  }

  /** The write that an answer tells of, if it does. */
  writeOf(answer: Answer): AppliedWrite | undefined {
    return this.#writeOf.get(answer);
  }

  /** A request leaves for the provider: each look at a row is good for one sending that says `subscribed: true`. */
  onSent({ id }: Invocation, call: Call): void {
    for (const key of resubscribed(id, call)) {
      const shownAt = this.#shown.get(key);
      if (shownAt === undefined || shownAt === this.#sentAfter.get(key)) this.#told.onUnseen();
      else this.#sentAfter.set(key, shownAt);
    }
  }

  /** A request was not let in, and did nothing: it may be sent again as it is. */
  onUnauthorized({ id }: Invocation, call: Call): void {
    for (const key of resubscribed(id, call)) this.#sentAfter.delete(key);
  }

  async watch(invocation: Invocation, call: Call, answer: () => Promise<Answer>): Promise<Answer> {
    const { id } = invocation;
    this.#told.onRequest(invocation);
    const answered = await this.#answer(invocation, call, answer);
    const shown = call.path === "/token" ? "" : Buffer.concat(answered.body).toString();
    this.#digest.update(
      `${this.#time.now()} ${id} ${call.method} ${call.path} ${answered.status} ${shown}\n`,
    );
    return answered;
  }

  async #answer({ id }: Invocation, call: Call, answer: () => Promise<Answer>): Promise<Answer> {
    if (!call.path.endsWith("/subscribers")) return await answer();
    if (call.method === "GET") {
      const shown = await answer();
      if (shown.status === 200) this.#note(id, JSON.parse(Buffer.concat(shown.body).toString()));
      return shown;
    }
    const before = this.#list.subscribers;
    const answered = await answer();
    if (answered.status === 200) this.#tell(id, before, answered);
    return answered;
  }

  #note(invocation: string, rows: readonly Subscriber[]): void {
    const subscribed = this.#subscribed.get(invocation) ?? new Set();
    this.#subscribed.set(invocation, subscribed);
    for (const row of rows) {
      this.#shown.set(`${invocation} ${row.email}`, this.#time.now());
      if (row.subscribed) subscribed.add(row.email);
    }
  }

  #tell(invocation: string, before: ReadonlyMap<string, Subscriber>, answer: Answer): void {
    const { body, rows = [] } = answer;
    const transitions = rows
      .map(({ email }) => ({ email, before: before.get(email), after: this.#list.get(email)! }))
      .filter((transition) => transition.before?.subscribed !== transition.after.subscribed);
    const { report } = JSON.parse(Buffer.concat(body).toString()) as { report: WriteReport };
    const write = { invocation, at: this.#time.now(), rows, report, transitions, isAnswered: false };
    this.writes.push(write);
    this.#writeOf.set(answer, write);
    this.#told.onWrite(write);
  }
}

function resubscribed(invocation: string, { body }: Call): string[] {
  const rows = Array.isArray(body) ? body : [];
  return rows.filter(({ subscribed }) => subscribed === true).map(({ email }) => `${invocation} ${email}`);
}
