import type {
  ConstantContactClient,
  ContactPage,
  ContactQuery,
} from "../../../../functions/providers/constant-contact/client.ts";
import type { Contact } from "../../../../functions/providers/constant-contact/contact.ts";

/** A time that only tests move. */
export class ManualClock {
  at = Date.UTC(2026, 10, 30, 6);
  readonly now = (): number => this.at;
  readonly wait = async (): Promise<void> => undefined;
  readonly after = () => () => undefined;
  pass(minutes: number): void {
    this.at += minutes * 60_000;
  }
}

export const minute = 60_000;
export const day = 24 * 60 * minute;

type Changes = Partial<Contact>;

/** An account whose contacts tests change, with the provider's habits. */
export class InMemoryAccount implements Pick<ConstantContactClient, "contacts"> {
  /** Whether joining and leaving a list moves a contact's clock: not documented. */
  membershipMovesClock = false;
  /** How long the index does not show what was written. */
  lagMs = 0;
  /** Newest change first or last: then contacts that change move between pages while they are read. */
  order: "created" | "newest first" | "oldest first" = "created";
  isCounting = true;
  /** How far the clock of its server is ahead. */
  aheadMs = 0;
  pageRows = 2;
  requests = 0;
  /** Called before each page. */
  beforePage: (page: number) => unknown = () => undefined;
  readonly #clock: ManualClock;
  /** Each contact as it was after each change, the newest last; undefined once it is purged. */
  readonly #histories = new Map<string, { at: number; contact: Contact | undefined }[]>();

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  add(id: string, changes: Changes = {}): void {
    const now = this.#clock.now();
    this.#set(id, {
      id,
      email: `${id}@example.fr`,
      permission: "implicit",
      createdAt: now,
      updatedAt: now,
      lists: [],
      fields: {},
      ...changes,
    });
  }

  /** @param changes undefined values take a property away */
  change(id: string, changes: { readonly [Name in keyof Contact]?: Contact[Name] | undefined }): void {
    this.#set(id, { ...this.get(id)!, ...changes } as Contact);
  }

  changeFields(id: string): void {
    this.change(id, { updatedAt: this.#clock.now(), fields: { data_first_name: String(this.#clock.now()) } });
  }

  join(id: string, list: string): void {
    const { lists } = this.get(id)!;
    if (!lists.includes(list)) this.change(id, { lists: [...lists, list], ...this.#moved() });
  }

  leave(id: string, list: string): void {
    const lists = this.get(id)!.lists.filter((other) => other !== list);
    this.change(id, { lists, ...this.#moved() });
  }

  optOut(id: string, optOutSource: "Contact" | "Account" = "Contact"): void {
    this.change(id, { permission: "unsubscribed", optOutSource, optedOutAt: this.#clock.now() });
  }

  delete(id: string): void {
    this.change(id, { lists: [], deletedAt: this.#clock.now(), ...this.#moved() });
  }

  revive(id: string): void {
    this.change(id, { deletedAt: undefined, updatedAt: this.#clock.now() });
  }

  /** Not even a query for deleted contacts shows it any more. */
  purge(id: string): void {
    this.#set(id, undefined);
  }

  get(id: string): Contact | undefined {
    return this.#histories.get(id)?.at(-1)?.contact;
  }

  /** As the index shows it. */
  shown(id: string): Contact | undefined {
    const until = this.#clock.now() - this.lagMs;
    return this.#histories.get(id)?.findLast(({ at }) => at <= until)?.contact;
  }

  changedAt(id: string): number {
    return this.#histories.get(id)?.at(-1)?.at ?? Number.NaN;
  }

  get ids(): string[] {
    return [...this.#histories.keys()];
  }

  async *contacts(query: ContactQuery): AsyncGenerator<ContactPage> {
    for (let page = 0; ; page++) {
      this.requests++;
      await this.beforePage(page);
      const matching = this.#matching(query);
      const contacts = matching.slice(page * this.pageRows, (page + 1) * this.pageRows);
      const count = query.isCounted && this.isCounting && page === 0 ? matching.length : undefined;
      yield { contacts: structuredClone(contacts), count, answeredAt: this.#clock.now() + this.aheadMs };
      if ((page + 1) * this.pageRows >= matching.length) return;
    }
  }

  #moved(): { updatedAt?: number } {
    return this.membershipMovesClock ? { updatedAt: this.#clock.now() } : {};
  }

  #set(id: string, contact: Contact | undefined): void {
    const history = this.#histories.get(id) ?? [];
    history.push({ at: this.#clock.now(), contact });
    this.#histories.set(id, history);
  }

  #matching({ updatedAfter = 0, optedOutAfter }: ContactQuery): Contact[] {
    const shown = this.ids
      .map((id) => this.shown(id))
      .filter((contact) => contact !== undefined)
      .filter(({ updatedAt }) => updatedAt > updatedAfter)
      .filter(({ optedOutAt = 0 }) => optedOutAfter === undefined || optedOutAt > optedOutAfter);
    const sign = this.order === "newest first" ? -1 : 1;
    return this.order === "created" ? shown : shown.sort((a, b) => sign * (a.updatedAt - b.updatedAt));
  }
}
