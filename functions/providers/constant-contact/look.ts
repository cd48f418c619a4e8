import pMap from "p-map";
import { canonicalEmail } from "../../domain/email.ts";
import type { Change } from "../../domain/plan.ts";
import type { Clock } from "../../platform/clock.ts";
import type { ConstantContactClient, ContactQuery } from "./client.ts";
import type { Contact } from "./contact.ts";
import { lagMs } from "./mirror/merge-contact.ts";
import type { Mirror } from "./mirror/mirror.ts";
import { mayBeSent, type Standing, standingOf } from "./standing.ts";

/** Those who ask at about the same time are answered by one look. */
const gatherMs = 50;
const concurrency = 3;
const pageRows = 500;
/** What the provider's index may lack of the time before a look, and before a later look of the same run. */
const lag = { firstMs: lagMs, laterMs: 60_000 };
/** Readers whom a reading of the list does not show may have been on a page that shifted: so many are asked for. */
const mostMissing = 50;

/** What a look found of the changes that it was for. */
export interface Looked {
  /** When it ended, in ms since the epoch. */
  readonly at: number;
  standingOf(change: Change): Standing;
  /** The contacts that were found to have its address. */
  contactsOf(change: Change): readonly Contact[];
}

interface LookOptions {
  readonly client: Pick<ConstantContactClient, "contacts">;
  readonly mirror: Pick<Mirror, "record">;
  readonly listId: string;
  readonly clock: Clock;
  /** When the run that made the plan began, in ms since the epoch. */
  readonly since: number;
  /** How many members the list has, and contacts the account. */
  readonly sizes: { readonly members: number; readonly contacts: number };
  /** Whether the account had a contact with this address when it was read last. */
  isKnown(email: string): boolean;
}

interface Waiting {
  readonly changes: readonly Change[];
  readonly signal: AbortSignal;
  resolve(looked: Looked): void;
  reject(error: unknown): void;
}

interface Taking {
  readonly signal: AbortSignal;
  onContact?(address: string, contact: Contact): void;
}

/** The contacts of each address, by their ids. */
type Found = Map<string, Map<string, Contact>>;

/**
 * Looks at addresses again just before they are sent: an import puts back whoever has left. Few are asked for one by one;
 * for many, what changed in the account is read, and the list itself if members are to be sent. Who is known and not on the
 * list is asked for, too, or found in the whole account: a deletion, and much else, may move no clock.
 */
export class Look {
  readonly #options: LookOptions;
  #waiting: Waiting[] = [];
  #isLooking = false;
  #lookedUntil: number | undefined;
  /** Who changed since the plan was made and is not to be mailed any more. */
  readonly #unfit: Found = new Map();

  constructor(options: LookOptions) {
    this.#options = options;
  }

  /** @throws as the client's `contacts` */
  at(changes: readonly Change[], signal: AbortSignal): Promise<Looked> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ changes, signal, resolve, reject });
      if (!this.#isLooking) void this.#lookForAll();
    });
  }

  async #lookForAll(): Promise<void> {
    this.#isLooking = true;
    while (this.#waiting.length > 0) {
      const { clock } = this.#options;
      await clock.wait(gatherMs, this.#waiting[0]!.signal).catch(() => undefined);
      const asked = this.#waiting.splice(0);
      const { signal } = asked[0]!;
      try {
        const looked = await this.#look(
          asked.flatMap(({ changes }) => changes),
          signal,
        );
        for (const { resolve } of asked) resolve(looked);
      } catch (error) {
        for (const { reject } of asked) reject(error);
      }
    }
    this.#isLooking = false;
  }

  async #look(changes: readonly Change[], signal: AbortSignal): Promise<Looked> {
    const { clock, mirror, isKnown } = this.#options;
    signal.throwIfAborted();
    const beganAt = clock.now();
    const found = emptyFound(changes);
    if (this.#isFew(changes)) await this.#ask(changes, found, signal);
    else await this.#read(changes, found, signal);
    const contactsOf = (change: Change) => [...found.get(addressOf(change))!.values()];
    const standingOfChange = (change: Change) => standingOf(contactsOf(change), this.#options);
    // What makes a change stale, the mirror must hear: it may be a departure that moves no clock. So may be the next of who is new.
    const isNews = (change: Change) => !isKnown(change.email) || !mayBeSent(change, standingOfChange(change));
    await mirror.record(changes.filter(isNews).flatMap(contactsOf), { beganAt });
    return { at: clock.now(), standingOf: standingOfChange, contactsOf };
  }

  /** Whether it takes fewer requests to ask for each address than to read what changed, and the list. */
  #isFew(changes: readonly Change[]): boolean {
    const windows = 2;
    const pages = changes.some(isOfMember) ? Math.ceil(this.#options.sizes.members / pageRows) : 0;
    return new Set(changes.map(addressOf)).size <= windows + pages;
  }

  async #ask(changes: readonly Change[], found: Found, signal: AbortSignal): Promise<void> {
    const emails = new Map(changes.map((change) => [addressOf(change), change.email]));
    await pMap(emails.values(), (email) => this.#take({ email }, found, { signal }), { concurrency });
  }

  async #read(changes: readonly Change[], found: Found, signal: AbortSignal): Promise<void> {
    const { clock, since, listId, sizes } = this.#options;
    const until = clock.now();
    const from = this.#lookedUntil === undefined ? since - lag.firstMs : this.#lookedUntil - lag.laterMs;
    for (const query of [{ updatedAfter: from }, { optedOutAfter: from }]) {
      await this.#take(query, found, { signal, onContact: (...seen) => this.#noteFitness(...seen) });
    }
    this.#lookedUntil = until;
    const { members, outsiders } = this.#known(changes);
    const isWhole = outsiders.length > Math.ceil(sizes.contacts / pageRows);
    if (isWhole) await this.#take({}, found, { signal });
    else if (members.length > 0) await this.#take({ lists: [listId] }, found, { signal });
    for (const [address, contacts] of this.#unfit) {
      for (const [id, contact] of contacts) found.get(address)?.set(id, contact);
    }
    const isMissing = (change: Change) => found.get(addressOf(change))!.size === 0;
    const missing = members.filter(isMissing);
    await this.#ask(missing.length <= mostMissing ? missing : [], found, signal);
    if (!isWhole) await this.#ask(outsiders.filter(isMissing), found, signal);
  }

  /** Those whom the account had, on the list or not. */
  #known(changes: readonly Change[]) {
    const members = changes.filter(isOfMember);
    const others = changes.filter((change) => !isOfMember(change));
    return { members, outsiders: others.filter(({ email }) => this.#options.isKnown(email)) };
  }

  /** Reads contacts, and keeps those that were asked for. */
  async #take(query: ContactQuery, found: Found, { signal, onContact }: Taking): Promise<void> {
    for await (const { contacts } of this.#options.client.contacts(query, signal)) {
      for (const contact of contacts) {
        if (contact.email === undefined) continue;
        const address = canonicalEmail(contact.email);
        found.get(address)?.set(contact.id, contact);
        onContact?.(address, contact);
      }
    }
  }

  #noteFitness(address: string, contact: Contact): void {
    const unfit = this.#unfit.get(address) ?? new Map<string, Contact>();
    if (standingOf([contact], this.#options) === "unfit") unfit.set(contact.id, contact);
    else unfit.delete(contact.id);
    if (unfit.size > 0) this.#unfit.set(address, unfit);
    else this.#unfit.delete(address);
  }
}

function emptyFound(changes: readonly Change[]): Found {
  return new Map(changes.map((change) => [addressOf(change), new Map()]));
}

function addressOf({ email }: Change): string {
  return canonicalEmail(email);
}

/** Whether it is sent to members alone. */
function isOfMember({ kind }: Change): boolean {
  return kind === "update";
}
