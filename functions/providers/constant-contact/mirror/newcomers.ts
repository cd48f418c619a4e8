import { hash } from "node:crypto";
import * as z from "zod";
import { canonicalEmail } from "../../../domain/email.ts";
import { digestOf } from "../../../platform/storage/memory/entry.ts";
import { DigestTable } from "./digest-table.ts";
import { lagMs, mergeAddition } from "./merge-contact.ts";
import type { MirrorContact } from "./mirror-contact.ts";
import type { MirrorEntry } from "./mirror-state.ts";
import { type MirrorPlace, readPart } from "./stored-rows.ts";

export type AdditionEntry = MirrorEntry & { readonly kind: "addition" };

export const idSchema = z.object({ id: z.string() });

/** Stands for an address until its contact exists. */
export function addressKey(email: string): string {
  return hash("sha256", canonicalEmail(email), "hex");
}

/**
 * The addresses that runs of ours put on lists before they had contacts. Such a contact was on the list, even if the first
 * reading that shows it does not: it has left by then.
 */
export class Newcomers {
  readonly #additions: { readonly addition: AdditionEntry; readonly addresses: DigestTable }[] = [];

  async add(place: MirrorPlace, addition: AdditionEntry, lost: (key: string) => void): Promise<void> {
    const { addresses: rows } = addition.joining;
    if (rows === undefined) return;
    const addresses = new DigestTable(0);
    for (let part = 0; part < rows.parts.length; part++) {
      for (const { id } of await readPart(place, rows, { part, schema: idSchema, lost }))
        addresses.add(digestOf(id));
    }
    this.#additions.push({ addition, addresses });
  }

  /** What a contact is who had not been known before, by all additions or `only` one. */
  merge(contact: MirrorContact, only?: AdditionEntry): MirrorContact {
    const possible = this.#additions.filter(
      ({ addition }) =>
        (only === undefined || only === addition) && contact.createdAt >= addition.beganAt - lagMs,
    );
    if (contact.email === undefined || possible.length === 0) return contact;
    const digest = digestOf(addressKey(contact.email));
    return possible
      .filter(({ addresses }) => addresses.has(digest))
      .reduce((merged, { addition }) => mergeAddition(merged, addition), contact);
  }
}
