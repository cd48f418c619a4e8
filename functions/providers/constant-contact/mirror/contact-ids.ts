import { canonicalEmail } from "../../../domain/email.ts";
import { digestOf } from "../../../platform/storage/memory/entry.ts";
import { DigestTable } from "./digest-table.ts";

const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const idWords = 4;

/** The ids of contacts by their address, packed: some 36 bytes each, while ids are UUIDs as documented. */
export class ContactIds {
  readonly #table = new DigestTable(idWords);
  /** Ids that are no UUIDs, by the digest of the address. */
  readonly #others = new Map<string, string[]>();

  /** @returns whether no other contact has the address */
  add(email: string, id: string): boolean {
    const digest = digestOf(canonicalEmail(email));
    if (uuidPattern.test(id)) return this.#table.add(digest, wordsOf(id)) && !this.#others.has(digest);
    const others = this.#others.get(digest) ?? [];
    this.#others.set(digest, [...others, id]);
    return others.length === 0 && this.#table.find(digest).length === 0;
  }

  /** The contacts who have an address, in any spelling. */
  idsOf(email: string): string[] {
    const digest = digestOf(canonicalEmail(email));
    return [...this.#table.find(digest).map(uuidOf), ...(this.#others.get(digest) ?? [])];
  }
}

/** The four words of a UUID, without the hyphens that cut the second and the third. */
function wordsOf(uuid: string): number[] {
  const hex = (start: number, end: number) => Number.parseInt(uuid.slice(start, end), 16);
  const cut = (start: number, middle: number) => hex(start, start + 4) * 0x1_0000 + hex(middle, middle + 4);
  return [hex(0, 8), cut(9, 14), cut(19, 24), hex(28, 36)];
}

function uuidOf(words: Uint32Array): string {
  const hex = Array.from(words, (word) => word.toString(16).padStart(8, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
