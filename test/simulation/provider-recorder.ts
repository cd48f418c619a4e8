import { createHash } from "node:crypto";
import type { Answer } from "../../infra/sandbox/answer.ts";
import type { Call } from "../../infra/sandbox/call.ts";
import type { Subscriber } from "../../infra/sandbox/ownpage/subscriber.ts";
import type { SubscriberList } from "../../infra/sandbox/ownpage/subscriber-list.ts";
import type { WriteReport } from "../../infra/sandbox/ownpage/subscriber-write.ts";
import type { AppliedWrite, SentRow } from "./applied-write.ts";
import type { Invocation } from "./invocation.ts";
import type { SimulatedTime } from "./simulated-time.ts";

interface RecorderListener {
  onRequest(invocation: Invocation): void;
  /** Rows leave for the provider. */
  onSend(invocation: Invocation, rows: readonly SentRow[]): void;
  onWrite(write: AppliedWrite): void;
  /** A resubscription leaves for an address that was not looked up since it was last sent. */
  onUncheckedResubscription(): void;
}

interface RecordedRequest {
  readonly invocation: Invocation;
  readonly call: Call;
  readonly sentAt: number;
}

/** A row as an invocation was shown it. */
interface Shown {
  readonly row: Subscriber;
  readonly at: number;
  /** When the answer reached the function. */
  deliveredAt: number;
}

/** Records at the provider what every invocation was shown, and what its writes changed. */
export class ProviderRecorder {
  readonly writes: AppliedWrite[] = [];
  /** By invocation, every version of every row that it was shown, the latest last. */
  readonly #shown = new Map<string, Map<string, Shown[]>>();
  /** How many rows the provider last counted, by invocation. */
  readonly #counted = new Map<string, number>();
  /** How often it counted them, by invocation. */
  readonly #counts = new Map<string, number>();
  /** When a row that was sent with `subscribed: true` had last been shown, by invocation and spelling. */
  readonly #sentAfter = new Map<string, number>();
  readonly #digest = createHash("sha256");
  readonly #writeOf = new WeakMap<Answer, AppliedWrite>();
  readonly #shownBy = new WeakMap<Answer, Shown[]>();
  readonly #list: SubscriberList;
  readonly #time: SimulatedTime;
  readonly #listener: RecorderListener;

  constructor(list: SubscriberList, time: SimulatedTime, listener: RecorderListener) {
    this.#list = list;
    this.#time = time;
    this.#listener = listener;
  }

  /** When an invocation was last shown a row, as far as it knew by then; undefined if never. */
  lastShown(invocation: string, email: string, knownBy = Number.POSITIVE_INFINITY): number | undefined {
    const shown = this.#shown.get(invocation)?.get(email);
    return shown?.findLast(({ deliveredAt }) => deliveredAt <= knownBy)?.at;
  }

  /** Every version of every row that an invocation was shown. */
  versionsShown(invocation: string): Subscriber[] {
    return [...(this.#shown.get(invocation)?.values() ?? [])].flatMap((shown) => shown.map(({ row }) => row));
  }

  /** How many addresses an invocation was shown as subscribed: if some left meanwhile, more than there were at once. */
  subscribedShown(invocation: string): number {
    const rows = this.#shown.get(invocation)?.values() ?? [];
    return [...rows].filter((shown) => shown.some(({ row }) => row.subscribed)).length;
  }

  /** Whether the last count that an invocation was given is none: then its last reading has no row either. */
  isCountedEmpty(invocation: string): boolean {
    return this.#counted.get(invocation) === 0;
  }

  /** How often an invocation was given a count: before and after each reading. */
  timesCounted(invocation: string): number {
    return this.#counts.get(invocation) ?? 0;
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
  onSent(invocation: Invocation, call: Call): void {
    const rows = rowsOf(call);
    if (rows.length > 0) this.#listener.onSend(invocation, rows);
    for (const { email } of rows.filter(isResubscription)) {
      const shownAt = this.lastShown(invocation.id, email);
      const key = `${invocation.id} ${email}`;
      if (shownAt === undefined || shownAt === this.#sentAfter.get(key))
        this.#listener.onUncheckedResubscription();
      else this.#sentAfter.set(key, shownAt);
    }
  }

  /** A request was rejected without effect, so it may be sent again unchanged. */
  onUnauthorized({ id }: Invocation, call: Call): void {
    for (const { email } of rowsOf(call).filter(isResubscription)) this.#sentAfter.delete(`${id} ${email}`);
  }

  /** An answer has reached the function. */
  onDelivered(answer: Answer): void {
    for (const shown of this.#shownBy.get(answer) ?? []) shown.deliveredAt = this.#time.now();
  }

  async record(request: RecordedRequest, answer: () => Promise<Answer>): Promise<Answer> {
    const { invocation, call } = request;
    const { id } = invocation;
    this.#listener.onRequest(invocation);
    const answered = await this.#answer(request, answer);
    const shown = call.path === "/token" ? "" : Buffer.concat(answered.body).toString();
    this.#digest.update(
      `${this.#time.now()} ${id} ${call.method} ${call.path} ${answered.status} ${shown}\n`,
    );
    return answered;
  }

  async #answer(
    { invocation, call, sentAt }: RecordedRequest,
    answer: () => Promise<Answer>,
  ): Promise<Answer> {
    if (call.path.endsWith("/count")) return this.#count(invocation, await answer());
    if (!call.path.endsWith("/subscribers")) return await answer();
    const before = this.#list.subscribers;
    const answered = await answer();
    if (answered.status !== 200) return answered;
    if (call.method === "GET") this.#recordShown(invocation.id, answered);
    else this.#recordWrite({ invocation: invocation.id, sentAt, before }, answered);
    return answered;
  }

  #count({ id }: Invocation, answered: Answer): Answer {
    if (answered.status !== 200) return answered;
    this.#counted.set(id, this.#list.subscribers.size);
    this.#counts.set(id, this.timesCounted(id) + 1);
    return answered;
  }

  #recordShown(invocation: string, answer: Answer): void {
    const versions = this.#shown.get(invocation) ?? new Map<string, Shown[]>();
    this.#shown.set(invocation, versions);
    const rows: Subscriber[] = JSON.parse(Buffer.concat(answer.body).toString());
    const shown = rows.map((row) => ({ row, at: this.#time.now(), deliveredAt: Number.POSITIVE_INFINITY }));
    this.#shownBy.set(answer, shown);
    for (const one of shown) versions.set(one.row.email, [...(versions.get(one.row.email) ?? []), one]);
  }

  #recordWrite(request: Pick<AppliedWrite, "invocation" | "sentAt" | "before">, answer: Answer): void {
    const { invocation, before } = request;
    const { body, rows = [] } = answer;
    const all = rows.map(({ email }) => ({
      email,
      before: before.get(email),
      after: this.#list.get(email)!,
    }));
    const transitions = all.filter(({ before, after }) => before?.subscribed !== after.subscribed);
    const overwritten = all.filter(({ before, after }) => before && isOverwritten(before, after));
    const { report } = JSON.parse(Buffer.concat(body).toString()) as { report: WriteReport };
    const write = {
      ...request,
      at: this.#time.now(),
      rows,
      report,
      known: new Set(this.#shown.get(invocation)?.keys()),
      transitions,
      overwritten: overwritten.map(({ email }) => email),
      isAnswered: false,
    };
    this.writes.push(write);
    this.#writeOf.set(answer, write);
    this.#listener.onWrite(write);
  }
}

function rowsOf({ body }: Call): readonly SentRow[] {
  return Array.isArray(body) ? body : [];
}

function isResubscription({ subscribed }: SentRow): boolean {
  return subscribed === true;
}

function isOverwritten(before: Subscriber, after: Subscriber): boolean {
  return ["guid", "data_firstname"].some((name) => before[name] && before[name] !== after[name]);
}
