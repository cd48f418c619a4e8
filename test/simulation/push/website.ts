import type { SubscriberList } from "../../../infra/sandbox/ownpage/subscriber-list.ts";
import type { Chance } from "../chance.ts";
import type { DatabaseRow, SimulatedDatabase } from "../simulated-database.ts";
import type { SimulatedTime } from "../simulated-time.ts";
import type { SimulatedQueue } from "./simulated-queue.ts";

/** What a reader said last, and whether on the website. */
interface Word {
  readonly subscribed: boolean;
  readonly at: number;
}

const names = ["Ana", "Zoé"];
const long = "2020-01-01T00:00:00.000Z";
/** Readers who never say anything: so many that no limit of a day is reached. */
const silentReaders = 40;
const talkingReaders = 5;
const latestMs = 60 * 60_000;

interface WebsiteOptions {
  readonly chance: Chance;
  readonly time: SimulatedTime;
  readonly list: SubscriberList;
  readonly database: SimulatedDatabase;
  readonly queue: SimulatedQueue;
}

/** A website whose readers come and go. It writes its database, and then sends the message: the order that the manual asks for. */
export class Website {
  readonly #options: WebsiteOptions;
  readonly #words = new Map<string, Word>();

  constructor(options: WebsiteOptions) {
    this.#options = options;
    const { chance } = options;
    for (let n = 0; n < silentReaders; n++) this.#begin(`silent${n}@example.fr`, true);
    for (let n = 0; n < talkingReaders; n++) {
      if (chance.happens(0.6)) this.#begin(`reader${n}@example.fr`, true);
    }
  }

  /** One of them says something on the website. */
  speak(): void {
    const { chance, time, queue } = this.#options;
    const email = this.#pick();
    const last = this.#words.get(email);
    // Nobody's clocks tell what happens within a second.
    if (last !== undefined && time.now() < last.at + 2_000) return;
    const subscribed = chance.happens(0.5);
    const at = time.now();
    const firstName = chance.pick(names);
    this.#words.set(email, { subscribed, at });
    const text = new Date(at).toISOString();
    if (subscribed) this.#write({ email, subscribed, consentedAt: at, firstName });
    else this.#write({ email, subscribed, cause: "READER", firstName });
    const spelled = chance.happens(0.2) ? email.toUpperCase().replace("EXAMPLE.FR", "example.fr") : email;
    const message = subscribed
      ? { subscribed, consented_at: text, data_firstname: firstName }
      : { subscribed, unsubscribed_cause: "READER", at: text };
    const send = () => queue.send(email, { list: "daily", email: subscribed ? email : spelled, ...message });
    send();
    // A website that does not hear an answer sends it again, at once or later.
    if (chance.happens(0.1)) send();
    if (chance.happens(0.1)) time.after(chance.between(0, latestMs), send);
  }

  /** One of them leaves by the link in a mail. */
  leaveAtProvider(): void {
    const { list, time } = this.#options;
    const email = this.#pick();
    const last = this.#words.get(email);
    if (!list.get(email)?.subscribed || (last !== undefined && time.now() < last.at + 2_000)) return;
    list.optOut(email);
    this.#words.set(email, { subscribed: false, at: time.now() });
  }

  /** Whose last word the provider does not have, and which it was. */
  *differences(): Generator<{ readonly email: string; readonly wanted: boolean; readonly since: number }> {
    const { list } = this.#options;
    for (const [email, { subscribed: wanted, at: since }] of this.#words) {
      if ((list.get(email)?.subscribed ?? false) !== wanted) yield { email, wanted, since };
    }
  }

  #begin(email: string, subscribed: boolean): void {
    const { list } = this.#options;
    list.set({ email, subscribed, subscribed_at: long, data_firstname: "Ana" });
    this.#write({ email, subscribed, consentedAt: Date.parse(long), firstName: "Ana" });
  }

  #write(row: DatabaseRow): void {
    const { database } = this.#options;
    database.rows = [...database.rows.filter(({ email }) => email !== row.email), row];
  }

  #pick(): string {
    return `reader${this.#options.chance.between(0, talkingReaders - 1)}@example.fr`;
  }
}
