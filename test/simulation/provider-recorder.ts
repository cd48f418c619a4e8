import { createHash } from "node:crypto";
import type { Answer } from "../../infra/sandbox/answer.ts";
import type { Call } from "../../infra/sandbox/call.ts";
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

interface RecorderListener {
  onRequest(invocation: Invocation): void;
  onWrite(write: AppliedWrite): void;
  /** A resubscription leaves for an address that was not looked up since it was last sent. */
  onUncheckedResubscription(): void;
}

/** Records at the provider what every invocation was shown, and what its writes changed. */
export class ProviderRecorder {
  readonly writes: AppliedWrite[] = [];
  /** When a row was last shown, in ms since the epoch, by invocation and spelling. */
  readonly #shown = new Map<string, number>();
  /** Who was shown as subscribed, by invocation. */
  readonly #subscribed = new Map<string, Set<string>>();
  /** When a row that was sent with `subscribed: true` had last been shown. */
  readonly #sentAfter = new Map<string, number>();
  readonly #digest = createHash("sha256");
  readonly #writeOf = new WeakMap<Answer, AppliedWrite>();
  readonly #list: SubscriberList;
  readonly #time: SimulatedTime;
  readonly #listener: RecorderListener;

  constructor(list: SubscriberList, time: SimulatedTime, listener: RecorderListener) {
    this.#list = list;
    this.#time = time;
    this.#listener = listener;
  }

  /** When an invocation was last shown a row; undefined if never. */
  lastShown(invocation: string, email: string): number | undefined {
    return this.#shown.get(`${invocation} ${email}`);
  }

  /** How many addresses an invocation was shown as subscribed: if some left meanwhile, more than there were at once. */
  subscribedShown(invocation: string): number {
    return this.#subscribed.get(invocation)?.size ?? 0;
  }

  /** A digest of all requests that arrived and their answers, except tokens, which differ each time. */
  get digest(): string {
    return this.#digest.copy().digest("hex");
  }

  /** The write that an answer reports, if any. */
  writeOf(answer: Answer): AppliedWrite | undefined {
    return this.#writeOf.get(answer);
  }

  /** A request leaves for the provider. Each look-up of a row justifies sending `subscribed: true` once. */
  onSent({ id }: Invocation, call: Call): void {
    for (const key of resubscribed(id, call)) {
      const shownAt = this.#shown.get(key);
      if (shownAt === undefined || shownAt === this.#sentAfter.get(key))
        this.#listener.onUncheckedResubscription();
      else this.#sentAfter.set(key, shownAt);
    }
  }

  /** A request was rejected without effect, so it may be sent again unchanged. */
  onUnauthorized({ id }: Invocation, call: Call): void {
    for (const key of resubscribed(id, call)) this.#sentAfter.delete(key);
  }

  async record(invocation: Invocation, call: Call, answer: () => Promise<Answer>): Promise<Answer> {
    const { id } = invocation;
    this.#listener.onRequest(invocation);
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
      if (shown.status === 200) this.#recordShown(id, JSON.parse(Buffer.concat(shown.body).toString()));
      return shown;
    }
    const before = this.#list.subscribers;
    const answered = await answer();
    if (answered.status === 200) this.#recordWrite(id, before, answered);
    return answered;
  }

  #recordShown(invocation: string, rows: readonly Subscriber[]): void {
    const subscribed = this.#subscribed.get(invocation) ?? new Set();
    this.#subscribed.set(invocation, subscribed);
    for (const row of rows) {
      this.#shown.set(`${invocation} ${row.email}`, this.#time.now());
      if (row.subscribed) subscribed.add(row.email);
    }
  }

  #recordWrite(invocation: string, before: ReadonlyMap<string, Subscriber>, answer: Answer): void {
    const { body, rows = [] } = answer;
    const transitions = rows
      .map(({ email }) => ({ email, before: before.get(email), after: this.#list.get(email)! }))
      .filter((transition) => transition.before?.subscribed !== transition.after.subscribed);
    const { report } = JSON.parse(Buffer.concat(body).toString()) as { report: WriteReport };
    const write = { invocation, at: this.#time.now(), rows, report, transitions, isAnswered: false };
    this.writes.push(write);
    this.#writeOf.set(answer, write);
    this.#listener.onWrite(write);
  }
}

function resubscribed(invocation: string, { body }: Call): string[] {
  const rows = Array.isArray(body) ? body : [];
  return rows.filter(({ subscribed }) => subscribed === true).map(({ email }) => `${invocation} ${email}`);
}
