import { createHash } from "node:crypto";
import { canonicalEmail } from "../../functions/domain/email.ts";
import type { Change } from "../../functions/domain/plan.ts";
import type { BatchAnswer } from "../../functions/domain/reconcile.ts";
import { packCurrent } from "../../functions/domain/records/pack-subscriber.ts";
import { RecordWriter } from "../../functions/domain/records/record-writer.ts";
import type { SubscriberPage } from "../../functions/domain/records/subscriber-page.ts";
import type { UnsubscribeCause } from "../../functions/domain/subscriber.ts";
import type { ListCounts, Provider, ReadOptions, WriteOptions } from "../../functions/providers/provider.ts";

/** What the provider holds of one address; the key of the map is its exact spelling. */
export interface HeldSubscriber {
  subscribed: boolean;
  subscribedAt?: number;
  cause?: UnsubscribeCause;
  unsubscribedAt?: number;
  fields: Record<string, string>;
}

/** A row as it was written, for tests that ask what was sent. */
export interface WrittenRow {
  email: string;
  subscribed?: boolean;
  cause?: string;
  fields: Record<string, string>;
}

/** A list kept in memory that behaves as Ownpage documents: the real interface, without HTTP. */
export class InMemoryProvider implements Provider {
  readonly maxBatchRows = 20_000;
  readonly requests = { sent: 0, retried: 0 };
  readonly written: WrittenRow[][] = [];
  readonly subscribers: Map<string, HeldSubscriber>;
  pageRows = 3;
  showsData = true;
  showsGuid = true;
  /** Called before each request, so that a test can change the list meanwhile or throw. */
  before: (call: "count" | "page" | "write") => void = () => undefined;
  /** How many addresses the count says beyond those that the pages list. */
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
      unsubscribed: this.subscribers.size - subscribed,
    };
  }

  async *readPages({ columns, recentSince, signal }: ReadOptions): AsyncGenerator<SubscriberPage> {
    for (let offset = 0; ; offset += this.pageRows) {
      this.#request("page", signal);
      const rows = [...this.subscribers].slice(offset, offset + this.pageRows);
      if (rows.length === 0) return;
      const writer = new RecordWriter(64);
      for (const [email, held] of rows) {
        const { subscribed, cause, unsubscribedAt, subscribedAt = 0 } = held;
        packCurrent(writer, columns, {
          email,
          subscribed,
          recent: subscribed && subscribedAt >= recentSince,
          fields: Object.fromEntries(Object.entries(held.fields).filter(([name]) => this.#shows(name))),
          ...(!subscribed && cause !== undefined && { cause }),
          ...(!subscribed && unsubscribedAt !== undefined && { unsubscribedAt }),
        });
      }
      yield {
        records: writer.finish(),
        showsGuid: this.showsGuid,
        showsData: this.showsData,
      };
    }
  }

  async writeBatch(changes: readonly Change[], { since, signal }: WriteOptions): Promise<BatchAnswer> {
    this.#request("write", signal);
    const answer = {
      created: 0,
      subscribed: 0,
      unsubscribed: 0,
      dataChanged: 0,
    };
    const guids = new Set<string>();
    let duplicateGuids = 0;
    const stale = changes.filter((change) => this.#isOvertaken(change, since));
    const rows = changes.filter((change) => !stale.includes(change)).map(toRow);
    this.written.push(rows);
    for (const row of rows) {
      const { guid } = row.fields;
      if (guid !== undefined && guids.has(guid)) duplicateGuids++;
      else this.#apply(row, answer);
      if (guid !== undefined) guids.add(guid);
    }
    return {
      ...answer,
      uniqueEmails: rows.length,
      duplicateEmails: 0,
      duplicateGuids,
      errors: 0,
      stale,
      unconfirmed: [],
      attempts: 1,
    };
  }

  /** No longer what the plan saw, or unsubscribed `since` in another spelling. */
  #isOvertaken({ kind, email, saw }: Change, since: number): boolean {
    if (kind !== "resubscribe") return false;
    for (const [spelling, { unsubscribedAt = 0 }] of this.subscribers) {
      const isOther = spelling !== email && canonicalEmail(spelling) === canonicalEmail(email);
      if (isOther && unsubscribedAt >= since) return true;
    }
    const held = this.subscribers.get(email);
    if (held === undefined || held.subscribed || held.cause !== saw?.cause) return true;
    return held.unsubscribedAt !== (saw?.unsubscribedAt && Date.parse(saw.unsubscribedAt));
  }

  #apply(
    row: WrittenRow,
    answer: {
      created: number;
      subscribed: number;
      unsubscribed: number;
      dataChanged: number;
    },
  ) {
    const held = this.subscribers.get(row.email);
    if (held === undefined) {
      const guid = createHash("md5").update(row.email).digest("hex");
      const subscribed = row.subscribed ?? true;
      this.subscribers.set(row.email, {
        subscribed,
        subscribedAt: this.now,
        fields: { guid, ...row.fields },
      });
      answer.created++;
      if (subscribed) answer.subscribed++;
      return;
    }
    if (Object.entries(row.fields).some(([name, value]) => (held.fields[name] ?? "") !== value))
      answer.dataChanged++;
    Object.assign(held.fields, row.fields);
    if (row.subscribed === true && !held.subscribed) {
      answer.subscribed++;
      this.subscribers.set(row.email, {
        subscribed: true,
        subscribedAt: this.now,
        fields: held.fields,
      });
    }
    if (row.subscribed === false && held.subscribed) {
      answer.unsubscribed++;
      held.subscribed = false;
      held.cause = (row.cause ?? "READER") as UnsubscribeCause;
      held.unsubscribedAt = this.now;
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
