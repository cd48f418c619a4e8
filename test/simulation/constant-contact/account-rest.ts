import { UnsafePlanError } from "../../../functions/domain/plan-errors.ts";
import { isSubscribed, type Place } from "./account-watch.ts";
import type { AccountWorld } from "./account-world.ts";
import { consentIn, wordOf } from "./database-word.ts";
import { type ListName, listIds } from "./random-account.ts";

/** What must hold of a list once undisturbed runs have brought both sides together. */
export class AccountRest {
  readonly #world: AccountWorld;
  readonly #list: ListName;
  /** The addresses that the account did not know before. */
  readonly #absent: ReadonlySet<string>;
  readonly #beganAt: number;

  constructor(world: AccountWorld, list: ListName) {
    this.#world = world;
    this.#list = list;
    this.#beganAt = world.time.now();
    const emails = this.#addresses().filter((email) => this.#placeOf(email).contact === undefined);
    this.#absent = new Set(emails);
  }

  /** After runs of which one has read the whole account. */
  check(): void {
    const { rules } = this.#world;
    for (const email of this.#addresses()) {
      const place = this.#placeOf(email);
      const word = wordOf(this.#database, email);
      if (word === false && mayBeMailedYet(place)) rules.break("gone", "a reader is still on the list");
      if (word !== true) continue;
      if (this.#hasDeparted(email)) rules.break("heard", "a reader is still subscribed in the database");
      // The run of another list may have brought the contact before a loss was found.
      const isForgotten = place.contact !== undefined && rules.wasForgotten(place.contact, this.#beganAt);
      if (this.#absent.has(email) && !isSubscribed(place) && !isForgotten && this.#mayJoin(email))
        rules.break("joined", "a new reader is not on it");
    }
  }

  /** @param invocation one that came to a list that was at rest, and its error, if it had one */
  checkSilent(invocation: string, error: Error | undefined): void {
    const { rules, sinks } = this.#world;
    const mayWait = this.#mayNeverRest() || this.#addresses().some((email) => this.#isContested(email));
    if (error !== undefined && !(mayWait && error instanceof UnsafePlanError))
      rules.break("rest", `it failed: ${error.stack}`);
    if (this.#mayNeverRest()) return;
    if (rules.writesOf(invocation) > 0) rules.break("rest", "it still sent something");
    const taking = sinks[this.#list].takings.find((one) => one.invocation === invocation);
    const returns = (taking?.returns ?? []).filter(({ address }) => !this.#isContested(address));
    if (returns.length > 0)
      rules.break("rest", `it still told the database something: ${returns[0]!.reason}`);
    if (rules.requestsOf(invocation) > 10) rules.break("cost", `it made ${rules.requestsOf(invocation)}`);
  }

  get #database() {
    return this.#world.databases[this.#list];
  }

  #addresses(): string[] {
    return [...new Set(this.#database.rows.map(({ email }) => email.toLowerCase()))];
  }

  #placeOf(email: string) {
    return this.#world.watch.placeOf(email, listIds[this.#list]);
  }

  /** Whether the reader has opted out, or left the list since runs knew them to be on it, and has not consented since. */
  #hasDeparted(email: string): boolean {
    const { rules } = this.#world;
    const { contact, leftAt, leftBy } = this.#placeOf(email);
    if (contact === undefined) return false;
    const consent = consentIn(this.#database.current, email);
    if (contact.permission_to_send === "unsubscribed") return consent <= Date.parse(contact.opt_out_date!);
    const isFit =
      contact.deleted_at === undefined && ["explicit", "implicit"].includes(contact.permission_to_send!);
    const hasLeft = leftAt !== undefined && leftBy === "people" && consent <= leftAt;
    if (hasLeft && rules.looksRemoved(contact, this.#list, leftAt)) return false;
    return isFit && hasLeft && rules.known.has(contact, listIds[this.#list]);
  }

  /** Who opted out of everything and consented since is told of in each run, and the database does not take it. */
  #isContested(email: string): boolean {
    const contacts = [...this.#world.account.contacts.values()];
    const own = contacts.filter((contact) => contact.email?.toLowerCase() === email);
    const living = own.filter(({ deleted_at }) => deleted_at === undefined);
    const consent = consentIn(this.#database.current, email);
    return (living.length > 0 ? living : own).some(
      ({ permission_to_send, opt_out_date }) =>
        permission_to_send === "unsubscribed" && consent > Date.parse(opt_out_date!),
    );
  }

  /** Nobody is put on a list who shares a guid with somebody else, or whom the provider does not take. Nor need anybody whose import failed alone. */
  #mayJoin(email: string): boolean {
    const { rows } = this.#database;
    const guids = new Set(rows.filter((row) => row.email.toLowerCase() === email).map(({ guid }) => guid));
    const isShared = rows.some((row) => row.email.toLowerCase() !== email && row.guid && guids.has(row.guid));
    const { refused, rules } = this.#world;
    return !isShared && !refused.has(email) && !rules.begun.failedAlone.has(email);
  }

  /** Imports that do not bring back who left are sent again and again. */
  #mayNeverRest(): boolean {
    return this.#world.account.options.importOfLeaver === "not added";
  }
}

/** Whether somebody is on the list who is mailed, or would be once a hold ends. */
function mayBeMailedYet({ isMember, contact }: Place): boolean {
  return isMember && contact?.permission_to_send !== "unsubscribed" && contact?.deleted_at === undefined;
}
