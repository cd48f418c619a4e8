import { canonicalEmail } from "../email.ts";
import type { RejectedRow } from "../quarantined-row.ts";
import type { CurrentSubscriber } from "../subscriber.ts";

/** The readers of rows that cannot be used: as nothing is known of them, nobody unsubscribes them. */
export class Shields {
  readonly #guids = new Set<string>();
  readonly #addresses = new Set<string>();

  /** A row that says "unsubscribed" protects nobody. */
  add({ email, guid = "", unsubscribed }: Pick<RejectedRow, "email" | "guid" | "unsubscribed">): void {
    if (unsubscribed) return;
    if (guid !== "") this.#guids.add(guid);
    if (email !== "") this.#addresses.add(canonicalEmail(email));
  }

  cover({ email, fields: { guid = "" } }: CurrentSubscriber): boolean {
    if (guid !== "" && this.#guids.has(guid)) return true;
    return this.#addresses.size > 0 && this.#addresses.has(canonicalEmail(email));
  }
}
