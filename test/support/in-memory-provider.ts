import { createHash } from "node:crypto";
import type { BatchAnswer } from "../../functions/domain/batch-answer.ts";
import { canonicalEmail } from "../../functions/domain/email.ts";
import type { Change } from "../../functions/domain/plan.ts";
import { packCurrent } from "../../functions/domain/records/pack-subscriber.ts";
import { RecordWriter } from "../../functions/domain/records/record-writer.ts";
import type { SubscriberPage } from "../../functions/domain/records/subscriber-page.ts";
import { isHeldMember, type UnsubscribeCause } from "../../functions/domain/subscriber.ts";
import type { ListCounts, Provider, ReadOptions, WriteOptions } from "../../functions/providers/provider.ts";

/** What the provider holds of one address; the key of the map is its exact spelling. */
export interface HeldSubscriber {
  subscribed: boolean;
  subscribedAt?: number;
  cause?: UnsubscribeCause;
  unsubscribedAt?: number;
  fields: Record<string, string>;
}

/** A row as it was written, for tests that check what was sent. */
export interface WrittenRow {
  email: string;
  subscribed?: boolean;
  cause?: string;
  fields: Record<string, string>;
}

/** What one request did, as this provider counts it. */
interface Tally {
  added: number;
  returned: number;
  removed: number;
  guidsTaken: number;
}

/**
 * A kind of provider of its own, in memory. It refuses single rows where Ownpage refuses a whole batch, and has its
 * own counters; provider-contract.ts holds what both have in common.
 */
export class InMemoryProvider implements Provider {
  readonly maxBatchRows = 20_000;
  clearsFields = true;
  readonly requests = { sent: 0, retried: 0 };
  readonly written: WrittenRow[][] = [];
  readonly subscribers: Map<string, HeldSubscriber>;
  pageRows = 3;
  /** Rows without an address that it lists, too, after all others, and counts. */
  anonymousRows = 0;
  showsData = true;
  showsGuid = true;
  /** Which addresses it accepts. */
  accepts: (email: string) => boolean = () => true;
  /** How many answers to the next writes are lost, so that the batch is sent again. */
  lostAnswers = 0;
  /** Called before each request, so that a test can change the list meanwhile or throw. */
  before: (call: "count" | "page" | "write") => void = () => undefined;
  /** By how many addresses the count exceeds those on the pages. */
  countsMore = 0;
  now = Date.UTC(2026, 5, 1);

  constructor(subscribers: Iterable<readonly [string, HeldSubscriber]> = []) {
    this.subscribers = new Map(subscribers);
  }

  async countSubscribers(signal: AbortSignal): Promise<ListCounts> {
    this.#request("count", signal);
    const subscribed = [...this.subscribers.values()].filter((held) => held.subscribed).length;
    return {
      subscribed: subscribed + this.countsMore,
      unsubscribed: this.subscribers.size - subscribed + this.anonymousRows,
    };
  }

  async *readPages({ columns, signal }: ReadOptions): AsyncGenerator<SubscriberPage> {
    for (let offset = 0; ; offset += this.pageRows) {
      this.#request("page", signal);
      const rows = [...this.subscribers, ...Array<undefined>(this.anonymousRows).fill(undefined)];
      const page = rows.slice(offset, offset + this.pageRows);
      if (page.length === 0) return;
      const known = page.filter((row) => row !== undefined);
      const writer = new RecordWriter(64);
      for (const [email, held] of known) {
        const { subscribed, cause, unsubscribedAt, subscribedAt } = held;
        packCurrent(writer, columns, {
          email,
          subscribed,
          fields: Object.fromEntries(Object.entries(held.fields).filter(([name]) => this.#shows(name))),
          ...(subscribed && subscribedAt !== undefined && { subscribedAt }),
          ...(!subscribed && cause !== undefined && { cause }),
          ...(!subscribed && unsubscribedAt !== undefined && { unsubscribedAt }),
        });
      }
      yield {
        records: writer.finish(),
        oddRows: page.slice(known.length).map(() => ({ place: `page ${offset}`, problem: "no address" })),
        showsGuid: this.showsGuid,
        showsData: this.showsData,
      };
    }
  }

  async writeBatch(changes: readonly Change[], { since, signal }: WriteOptions): Promise<BatchAnswer> {
    const refused = changes
      .filter(({ email }) => !this.accepts(email))
      .map((change) => ({ change, reason: `${change.email} is not accepted` }));
    const stale = new Set<Change>();
    const unconfirmed = new Set<Change>();
    let sent = changes.filter(({ email }) => this.accepts(email));
    let attempts = 0;
    let held: ReadonlySet<Change> = new Set();
    let tally: Tally;
    let isLost: boolean;
    do {
      this.#request("write", signal);
      if (attempts > 0) this.requests.retried++;
      const leftOut = attempts === 0 ? stale : unconfirmed;
      const spellings = Map.groupBy(this.subscribers.keys(), canonicalEmail);
      for (const change of sent) {
        const others = spellings.get(canonicalEmail(change.email))?.filter((email) => email !== change.email);
        if (this.#isOvertaken(change, others ?? [], since)) leftOut.add(change);
      }
      sent = sent.filter((change) => !leftOut.has(change));
      if (attempts === 0) held = new Set(sent.filter((change) => this.#isHeld(change)));
      tally = this.#applyAll(sent.map(toRow));
      attempts++;
      isLost = this.lostAnswers > 0;
      if (isLost) this.lostAnswers--;
    } while (isLost);
    const predicted = (kind: Change["kind"]) =>
      [...sent, ...unconfirmed].filter((change) => change.kind === kind && !held.has(change)).length;
    const counters = {
      added: { predicted: predicted("subscribe"), answered: tally.added },
      returned: { predicted: predicted("resubscribe"), answered: tally.returned },
      removed: { predicted: predicted("unsubscribe"), answered: tally.removed },
      guidsTaken: { predicted: 0, answered: tally.guidsTaken },
    };
    const leftOut = { stale: [...stale], unconfirmed: [...unconfirmed] };
    return { refused, ...leftOut, held: [...held], counters, attempts };
  }

  /**
   * No longer what the plan saw, or unsubscribed `since` in another spelling, or subscribed in one; of a new address:
   * held in another spelling, or unsubscribed.
   */
  #isOvertaken({ kind, email, saw }: Change, others: readonly string[], since: number): boolean {
    const held = this.subscribers.get(email);
    if (kind === "subscribe") return others.length > 0 || (held?.subscribed === false && !mayHaveLeft(held));
    if (kind !== "resubscribe") return false;
    if (others.some((other) => (this.subscribers.get(other)?.unsubscribedAt ?? 0) >= since)) return true;
    if (others.some((other) => this.subscribers.get(other)?.subscribed)) return true;
    if (held === undefined || held.subscribed || held.cause !== saw?.cause) return true;
    return held.unsubscribedAt !== (saw?.unsubscribedAt && Date.parse(saw.unsubscribedAt));
  }

  #isHeld({ kind, email }: Change): boolean {
    return kind === "subscribe" && this.subscribers.get(email)?.subscribed === true;
  }

  #applyAll(rows: WrittenRow[]): Tally {
    const tally = { added: 0, returned: 0, removed: 0, guidsTaken: 0 };
    const guids = new Set<string>();
    this.written.push(rows);
    for (const row of rows) {
      const { guid } = row.fields;
      if (guid !== undefined && guids.has(guid)) tally.guidsTaken++;
      else this.#apply(row, tally);
      if (guid !== undefined) guids.add(guid);
    }
    return tally;
  }

  #apply({ email, subscribed, cause, fields }: WrittenRow, tally: Tally): void {
    const held = this.subscribers.get(email);
    const joined = { subscribed: true, subscribedAt: this.now };
    if (held === undefined) {
      const guid = createHash("md5").update(email).digest("hex");
      this.subscribers.set(email, { ...joined, subscribed: subscribed ?? true, fields: { guid, ...fields } });
      tally.added++;
      return;
    }
    Object.assign(held.fields, fields);
    if (subscribed === undefined && mayHaveLeft(held)) {
      this.subscribers.set(email, { ...joined, fields: held.fields });
      tally.added++;
    }
    if (subscribed === true && !held.subscribed) {
      this.subscribers.set(email, { ...joined, fields: held.fields });
      tally.returned++;
    }
    if (subscribed === false && (held.subscribed || isHeldMember(held.cause))) {
      held.subscribed = false;
      held.cause = (cause ?? "READER") as UnsubscribeCause;
      held.unsubscribedAt = this.now;
      tally.removed++;
    }
  }

  #shows(name: string): boolean {
    return name === "guid" ? this.showsGuid : this.showsData;
  }

  #request(call: "count" | "page" | "write", signal: AbortSignal): void {
    this.requests.sent++;
    this.before(call);
    signal.throwIfAborted();
  }
}

/** A row without a status subscribes such an address, as it does one that is new. */
function mayHaveLeft({ subscribed, cause }: HeldSubscriber): boolean {
  return !subscribed && cause === "MAY_HAVE_LEFT";
}

function toRow(change: Change): WrittenRow {
  switch (change.kind) {
    case "unsubscribe":
      return {
        email: change.email,
        subscribed: false,
        cause: change.cause,
        fields: {},
      };
    case "resubscribe":
      return { email: change.email, subscribed: true, fields: change.fields };
    default:
      return { email: change.email, fields: change.fields };
  }
}
