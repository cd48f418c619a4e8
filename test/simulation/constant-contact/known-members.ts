import type { Answer } from "../../../infra/sandbox/answer.ts";
import type { Contact } from "../../../infra/sandbox/constant-contact/contact.ts";
import type { Invocation } from "../invocation.ts";
import type { AccountWatch } from "./account-watch.ts";

/** What one invocation has learnt so far. */
interface Learnt {
  readonly members: Set<string>;
  readonly imported: Set<string>;
}

/** Of whom our runs must know that they were on a list: they were shown so, or put there by a run that saw it done. */
export class KnownMembers {
  readonly #watch: AccountWatch;
  readonly #learnt = new Map<string, Learnt>();
  readonly #known = new Set<string>();

  constructor(watch: AccountWatch) {
    this.#watch = watch;
  }

  has({ contact_id }: Contact, listId: string): boolean {
    return this.#known.has(`${contact_id} ${listId}`);
  }

  onStart({ id }: Invocation): void {
    this.#learnt.set(id, { members: new Set(), imported: new Set() });
  }

  /** Contacts are shown to a run; what it is shown after it has made its plan need not be remembered. */
  onShown({ id, run }: Invocation, { body }: Answer): void {
    if (run.report.planned !== undefined) return;
    const { contacts } = JSON.parse(Buffer.concat(body).toString());
    for (const { contact_id, list_memberships = [] } of contacts) {
      for (const listId of list_memberships) this.#learnt.get(id)?.members.add(`${contact_id} ${listId}`);
    }
  }

  onImported({ id }: Invocation, emails: readonly string[]): void {
    for (const email of emails) this.#learnt.get(id)?.imported.add(email);
  }

  /** A run has ended well. */
  onEnd({ id }: Invocation, listId: string): void {
    const learnt = this.#learnt.get(id);
    for (const member of learnt?.members ?? []) this.#known.add(member);
    for (const email of learnt?.imported ?? []) {
      const { contact, isMember } = this.#watch.placeOf(email, listId);
      if (isMember) this.#known.add(`${contact!.contact_id} ${listId}`);
    }
    this.#learnt.delete(id);
  }

  /** What was learnt is lost, also by runs that are at work. */
  forget(): void {
    this.#known.clear();
    this.#learnt.clear();
  }
}
