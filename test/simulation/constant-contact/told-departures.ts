import type { Account } from "../../../infra/sandbox/constant-contact/account.ts";
import type { Snapshot } from "../simulated-database.ts";
import type { Taking } from "../simulated-sink.ts";
import type { AccountWatch } from "./account-watch.ts";
import { type ListName, listIds } from "./random-account.ts";

/** Whom runs took off lists without a word of the reader, and whether the database is told that they left. */
export class ToldDepartures {
  readonly #account: Account;
  readonly #watch: AccountWatch;
  readonly #takenOff = new Set<string>();

  constructor(account: Account, watch: AccountWatch) {
    this.#account = account;
    this.#watch = watch;
  }

  /** A run takes a reader off a list. @param snapshots what the database said in the run, and in the one that planned it */
  onRemoval(email: string, list: ListName, snapshots: readonly (Snapshot | undefined)[]): void {
    const rows = snapshots.flatMap((snapshot) => snapshot?.rows ?? []);
    const own = rows.filter((row) => row.email.toLowerCase() === email);
    if (own.some(({ subscribed, cause }) => subscribed === false && cause === "READER"))
      this.#takenOff.delete(`${email} ${list}`);
    else this.#takenOff.add(`${email} ${list}`);
  }

  /** Something of the mirror was lost: it may have been whom runs took off. */
  forget(): void {
    this.#takenOff.clear();
  }

  /** The departures of one transaction that no reader made. */
  madeUp({ returns }: Taking, list: ListName): number {
    const told = returns.filter(({ tells, cause }) => tells === "unsubscribed" && cause === "READER");
    return told.filter(({ address, reason }) => {
      const isOfThis = !reason.includes("another address") && this.#takenOff.has(`${address} ${list}`);
      const isStillAway = this.#watch.placeOf(address, listIds[list]).leftBy === "runs";
      return isOfThis && isStillAway && !this.#hasOptedOut(address);
    }).length;
  }

  #hasOptedOut(address: string): boolean {
    const contacts = [...this.#account.contacts.values()];
    const own = contacts.filter(({ email }) => email?.toLowerCase() === address);
    return own.some(({ permission_to_send }) => permission_to_send === "unsubscribed");
  }
}
