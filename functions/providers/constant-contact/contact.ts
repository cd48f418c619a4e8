/** What an account may do with a contact's address. Only the first two may be mailed. */
export const permissions = [
  "explicit",
  "implicit",
  "unsubscribed",
  "pending_confirmation",
  "temp_hold",
  "not_set",
] as const;

/** A permission that is not documented, or that a contact without an address lacks, is unknown. */
type Permission = (typeof permissions)[number] | "unknown";

/** A contact of an account, as one answer shows it. Times are in ms since the epoch. */
export interface Contact {
  readonly id: string;
  /** Missing for a contact who has only a telephone. */
  readonly email?: string | undefined;
  readonly permission: Permission;
  /** Who opted out of everything: the person, or somebody of the account. Missing unless it is told. */
  readonly optOutSource?: "Contact" | "Account" | undefined;
  readonly optedOutAt?: number | undefined;
  readonly optedInAt?: number | undefined;
  readonly createdAt: number;
  /** When its fields last changed: neither an opt-out nor, perhaps, a list that was joined or left moves it. */
  readonly updatedAt: number;
  /**
   * When the reader last did something themselves, in a form or a mail, as far as it is told: it may have been to join a list
   * and to leave it again. Missing if only the account had a hand in the contact.
   */
  readonly byReaderAt?: number | undefined;
  readonly deletedAt?: number | undefined;
  /** The ids of the lists that it is on. */
  readonly lists: readonly string[];
  /** What has a value, by the names of a source's columns: `guid`, `data_first_name`, and `data_NAME` for a custom field. */
  readonly fields: Readonly<Record<string, string>>;
}
