import type { Account } from "./account.ts";
import type { WorkResult } from "./activity.ts";
import { type Contact, completeContact, statusOf } from "./contact.ts";
import { type Change, changeFields, join, passThroughImport, permit, revive } from "./contact-changes.ts";
import { rowError } from "./import-errors.ts";
import { fieldsOf } from "./import-fields.ts";
import type { ImportRow } from "./import-rows.ts";

/**
 * Applies one import, row by row. The defaults of the dialect:
 *
 * | in the account                         | fields  | lists          | permission |
 * |----------------------------------------|---------|----------------|------------|
 * | absent                                 | set     | added          | implicit   |
 * | subscribed, also one who left the list | changed | added          | unchanged  |
 * | opted out of everything                | changed | not added      | unchanged  |
 * | on hold, unconfirmed, not set          | changed | added          | unchanged  |
 * | deleted                                | changed | revived, added | unchanged  |
 */
export class ContactImport {
  readonly #account: Account;
  readonly #listIds: readonly string[];
  readonly #change: Change;
  readonly #at: Date;
  readonly #errors: string[] = [];
  #rows = 0;
  #uncorrectable = 0;
  #correctable = 0;
  #notAdded = 0;

  constructor(account: Account, listIds: readonly string[], at: Date) {
    this.#account = account;
    this.#listIds = listIds;
    this.#at = at;
    this.#change = account.change("Account", at);
  }

  get result(): WorkResult {
    const bad = this.#uncorrectable + this.#correctable;
    const isAll = this.#account.options.personCount === "all rows";
    return {
      status: {
        items_total_count: this.#rows + 1,
        person_count: isAll ? this.#rows : this.#rows - bad,
        error_count: this.#uncorrectable,
        correctable_count: this.#correctable,
        cannot_add_to_list_count: this.#notAdded,
      },
      errors: this.#errors,
    };
  }

  apply(row: ImportRow): void {
    this.#rows++;
    const error = rowError(row, this.#account.customFields, this.#account.options);
    if (error) {
      // The header is line 1, also of an import that has none.
      this.#errors.push(`Line ${this.#rows + 1}: ${error.message}`);
      if (error.isCorrectable) this.#correctable++;
      else this.#uncorrectable++;
      return;
    }
    const email = String(row["email"]).trim();
    const known = this.#account.contacts.find(email);
    const isAbsent = !known || (known.deleted_at !== undefined && this.#deleted === "a second contact");
    if (isAbsent) this.#add(email, row);
    else if (known.deleted_at !== undefined && this.#deleted === "left deleted") this.#notAdded++;
    else this.#update(revive(known, this.#change), row);
  }

  get #deleted() {
    return this.#account.options.importOfDeleted;
  }

  #add(email: string, row: ImportRow): void {
    const { contacts } = this.#account;
    const fields = Object.entries(this.#fieldsOf(row)).filter(([, value]) => value !== undefined);
    const seed = { email, ...Object.fromEntries(fields), list_memberships: [...this.#listIds] };
    contacts.put(completeContact(seed, contacts.nextId(), this.#change.at), this.#at);
  }

  #update(contact: Contact, row: ImportRow): void {
    const { importOfOptedOut, importUpdatesOptedOut } = this.#account.options;
    const isOptedOut = statusOf(contact) === "unsubscribed";
    const isChanged = !isOptedOut || importUpdatesOptedOut;
    const changed = isChanged ? changeFields(contact, this.#fieldsOf(row, contact), this.#change) : contact;
    const permitted =
      isOptedOut && importOfOptedOut === "resubscribed" ? permit(changed, "implicit", this.#change) : changed;
    const listIds = this.#listsFor(contact);
    if (listIds.length < this.#listIds.length) this.#notAdded++;
    const joined = join(permitted, listIds, this.#change);
    this.#account.contacts.put(passThroughImport(joined, this.#change), this.#at);
  }

  /** The lists to which the contact is added. */
  #listsFor(contact: Contact): readonly string[] {
    const { importOfOptedOut, importOfUndecided, importOfLeaver } = this.#account.options;
    const status = statusOf(contact);
    if (status === "unsubscribed" && importOfOptedOut === "not added") return [];
    if (status !== "unsubscribed" && status !== "active" && importOfUndecided === "not added") return [];
    if (importOfLeaver === "added") return this.#listIds;
    return this.#listIds.filter((id) => !contact.left_lists.includes(id));
  }

  #fieldsOf(row: ImportRow, contact?: Contact) {
    return fieldsOf(row, contact, this.#account.options.emptyImportValues === "clear");
  }
}
