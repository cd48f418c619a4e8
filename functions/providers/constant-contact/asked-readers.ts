import * as z from "zod";
import { mirrorAskedKey } from "../../platform/storage/object-keys.ts";
import type { MirrorPlace } from "./mirror/stored-rows.ts";

/** When each was asked, in ms since the epoch, by the contact's id. */
const askedSchema = z.record(z.string(), z.number());
const maxAttempts = 20;

/**
 * The contacts of an account who were sent the mail that asks whether to subscribe again. The provider sends it once in a
 * contact's life, so that nothing is lost with what is remembered here but a call that it refuses.
 */
export class AskedReaders {
  readonly #place: MirrorPlace;
  #asked: Map<string, number> | undefined;
  #etag: string | undefined;

  constructor(place: MirrorPlace) {
    this.#place = place;
  }

  /** When any of these contacts was asked last, in ms since the epoch; undefined if none was. */
  async askedAt(contactIds: readonly string[]): Promise<number | undefined> {
    const asked = this.#asked ?? (await this.#read());
    const times = contactIds.map((id) => asked.get(id)).filter((at) => at !== undefined);
    return times.length === 0 ? undefined : Math.max(...times);
  }

  /** If others write first each time, this is not remembered. */
  async add(contactIds: readonly string[], at: number): Promise<void> {
    await this.#change((asked) => {
      for (const id of contactIds) asked.set(id, at);
      return true;
    });
  }

  async forget(contactIds: Iterable<string>): Promise<void> {
    const ids = [...contactIds];
    await this.#change((asked) => ids.map((id) => asked.delete(id)).includes(true));
  }

  /** @param change returns whether anything is to be written */
  async #change(change: (asked: Map<string, number>) => boolean): Promise<void> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const asked = await this.#read();
      if (!change(asked)) return;
      const condition = this.#etag === undefined ? { ifAbsent: true } : { ifMatch: this.#etag };
      const bytes = Buffer.from(JSON.stringify(Object.fromEntries(asked)));
      if (await this.#place.store.put(this.#key, bytes, condition)) return;
    }
  }

  async #read(): Promise<Map<string, number>> {
    const standing = await this.#place.store.get(this.#key);
    this.#etag = standing?.etag;
    this.#asked = new Map(Object.entries((standing && parse(standing.bytes)) ?? {}));
    return this.#asked;
  }

  get #key(): string {
    return mirrorAskedKey(this.#place.account);
  }
}

function parse(bytes: Uint8Array): z.infer<typeof askedSchema> | undefined {
  try {
    return askedSchema.safeParse(JSON.parse(Buffer.from(bytes).toString())).data;
  } catch {
    return undefined;
  }
}
