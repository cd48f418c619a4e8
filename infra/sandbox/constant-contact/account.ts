import { Activities } from "./activities.ts";
import { Authorizations } from "./authorizations.ts";
import type { Change } from "./contact-changes.ts";
import { ContactLists } from "./contact-lists.ts";
import { Contacts } from "./contacts.ts";
import { CustomFields } from "./custom-fields.ts";
import { Quota, SecondLimit } from "./quota.ts";
import { defaultOptions, type SandboxOptions } from "./sandbox-options.ts";
import { Tokens } from "./tokens.ts";
import { wholeSecond } from "./whole-second.ts";

/** Who was sent a confirmation mail, and which lists it is about. */
type Confirmations = Map<string, { readonly listIds: readonly string[]; isAnswered: boolean }>;

/** A publisher's account at the provider: everything that calls read and change. */
export class Account {
  readonly options: Required<SandboxOptions>;
  readonly quota: Quota;
  readonly tokenLimit: SecondLimit;
  readonly tokens: Tokens;
  readonly authorizations = new Authorizations();
  readonly lists = new ContactLists();
  readonly customFields = new CustomFields();
  readonly contacts: Contacts;
  readonly activities: Activities;
  readonly confirmations: Confirmations = new Map();
  #requests = 0;

  constructor(options: SandboxOptions) {
    this.options = { ...defaultOptions, ...options };
    const { credentials, scopes, lists, customFields, contacts, synthetic, activities } = this.options;
    const now = this.now();
    this.quota = new Quota(this.options);
    this.tokenLimit = new SecondLimit(this.options.tokenRequestsPerSecond);
    this.tokens = new Tokens(this.options, credentials.clientId);
    this.tokens.addRefreshToken(credentials.refreshToken, scopes, now);
    for (const list of lists) this.lists.put(list, wholeSecond(now));
    for (const field of customFields) this.customFields.add(field, wholeSecond(now));
    const listId = this.lists.values()[0]?.list_id ?? "";
    this.contacts = new Contacts({ synthetic: { count: synthetic, listId }, dialect: this.options });
    // The index lags behind changes, not behind what was there from the beginning.
    for (const seed of contacts) this.contacts.add(seed, now, new Date(0));
    this.activities = new Activities(activities);
  }

  now(): Date {
    return this.options.now();
  }

  /** Does what is due by now. To be called before anything is read or changed. */
  settle(): void {
    const now = this.now();
    this.activities.settle(now);
    this.contacts.catchUp(now);
  }

  /** A change that is made at this time. */
  change(by: Change["by"], at: Date = this.now()): Change {
    return { at: wholeSecond(at), by, moves: this.options.updatedAtMovesWith };
  }

  nextRequest(): number {
    return ++this.#requests;
  }
}
