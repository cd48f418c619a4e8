import { setImmediate as nextTurn } from "node:timers/promises";
import { ConfigurationError } from "../../domain/errors.ts";
import { packCurrent } from "../../domain/records/pack-subscriber.ts";
import { RecordWriter } from "../../domain/records/record-writer.ts";
import type { SubscriberPage } from "../../domain/records/subscriber-page.ts";
import type { CurrentSubscriber } from "../../domain/subscriber.ts";
import type { Clock } from "../../platform/clock.ts";
import type { ListCounts, ReadOptions } from "../provider.ts";
import type { ActivityRunner } from "./activity-runner.ts";
import type { AskedReaders } from "./asked-readers.ts";
import type { ConstantContactClient } from "./client.ts";
import { customFieldOf } from "./import-fields.ts";
import type { Mirror } from "./mirror/mirror.ts";
import type { MirrorList } from "./mirror/mirror-list.ts";

/** Rows are packed from memory: a page is what other work waits for. */
const pageRows = 5_000;
/** How long the answer to the question whether to subscribe again may take. */
const answerMs = 30 * 24 * 3_600_000;

/** How many more or fewer members than the mirror shows make it doubtful; the provider's count may be a little late. */
const farFrom = { members: 10, ratio: 0.5 };

/** A list, and what its configuration says of it. */
export interface ListOfAccount {
  /** In the configuration. */
  readonly name: string;
  readonly listId: string;
  readonly joinKnown?: "always" | undefined;
  readonly askAgain?: boolean | undefined;
}

interface MirroredListOptions {
  readonly client: Pick<ConstantContactClient, "list" | "customFields">;
  readonly mirror: Pick<Mirror, "refresh" | "list">;
  readonly runner: Pick<ActivityRunner, "settle">;
  /** Whom the provider has asked to subscribe again; undefined if the list asks nobody. */
  readonly asked: AskedReaders | undefined;
  readonly clock: Clock;
  readonly list: ListOfAccount;
  note(text: string): void;
}

/** One list of an account as the mirror shows it. */
export class MirroredList {
  readonly #options: MirroredListOptions;
  #opened: MirrorList | undefined;
  /** Which call is to see the list as it is: a reading shows what was counted before it, and is what is counted after it. */
  #state: "stale" | "counted" | "read" = "stale";

  constructor(options: MirroredListOptions) {
    this.#options = options;
  }

  /** Brings the mirror up to date and counts the list; or counts what was just read. */
  async count(signal: AbortSignal): Promise<ListCounts> {
    if (this.#state !== "read") this.#opened = await this.#open(signal);
    this.#state = this.#state === "read" ? "stale" : "counted";
    return this.#opened!.counts;
  }

  async *pages({ columns, signal }: ReadOptions): AsyncGenerator<SubscriberPage> {
    if (this.#state !== "counted") this.#opened = await this.#open(signal);
    const list = this.#opened!;
    await this.#requireCustomFields(columns, signal);
    const writer = new RecordWriter();
    const page = () => ({ records: writer.finish(), oddRows: [], showsGuid: true, showsData: true });
    for await (const row of list.rows()) {
      packCurrent(writer, columns, await this.#asIfAsked(row, list));
      if (writer.count < pageRows) continue;
      yield page();
      await nextTurn();
      signal.throwIfAborted();
    }
    yield page();
    this.#state = "read";
  }

  /** An opt-out of everything is lifted by a newer consent if the reader can still be asked; then an answer is waited for. */
  async #asIfAsked(row: CurrentSubscriber, { contactIdsOf }: MirrorList): Promise<CurrentSubscriber> {
    const { asked, clock } = this.#options;
    if (asked === undefined || row.cause !== "READER_FINAL") return row;
    const askedAt = await asked.askedAt(contactIdsOf(row.email));
    if (askedAt === undefined) return { ...row, cause: "READER" };
    const isAnswered = row.unsubscribedAt !== undefined && row.unsubscribedAt > askedAt;
    const isWaitedFor = !isAnswered && clock.now() < askedAt + answerMs;
    return isWaitedFor ? { ...row, cause: "PENDING" } : row;
  }

  /** The list as it was read last. */
  async opened(signal: AbortSignal): Promise<MirrorList> {
    this.#opened ??= await this.#open(signal);
    return this.#opened;
  }

  async #open(signal: AbortSignal): Promise<MirrorList> {
    const { client, mirror, runner, list, note } = this.#options;
    const isFirst = this.#opened === undefined;
    const told = isFirst ? await client.list(list.listId, signal) : undefined;
    // Before the reading, which then shows what they did.
    const left = await runner.settle({ isPatient: false, signal });
    const wasWhole = await mirror.refresh({ signal });
    const open = () => mirror.list(list.listId, { joinKnown: list.joinKnown, signal });
    let opened = await open();
    if (told === undefined) return opened;
    if (!wasWhole && isFarFrom(told.members, opened)) {
      const numbers = `the list has ${told.members} members, and the mirror shows ${opened.members}`;
      note(`${numbers}: the account is read whole`);
      await mirror.refresh({ isWhole: true, signal });
      opened = await open();
    }
    if (left > 0) note(`activities of earlier runs that the provider has not ended: ${left}`);
    const { withoutAddress } = opened;
    if (withoutAddress > 0) note(`contacts of the account who have no e-mail address: ${withoutAddress}`);
    return opened;
  }

  /** An import would drop the values of others without a word, and each run would send them again. */
  async #requireCustomFields(columns: readonly string[], signal: AbortSignal): Promise<void> {
    const wanted = columns.map(customFieldOf).filter((name) => name !== undefined);
    if (wanted.length === 0) return;
    const names = new Set((await this.#options.client.customFields(signal)).values());
    const missing = wanted.filter((name) => !names.has(name));
    if (missing.length === 0) return;
    throw new ConfigurationError(
      `lists.${this.#options.list.name}.source`,
      `the account has no custom field with the name ${missing.join(" or ")}: add it there, or leave out the column`,
    );
  }
}

/**
 * Whether the mirror can hardly be of this account, as after a person has authorised another one. Whether the provider counts
 * who opted out of everything is not sure.
 */
function isFarFrom(told: number | undefined, { counts, members }: MirrorList): boolean {
  if (told === undefined) return false;
  const gap = Math.max(told - members, counts.subscribed - told);
  return gap > farFrom.members && gap > farFrom.ratio * Math.max(told, counts.subscribed);
}
