import { type EntryFormat, keyWords, wordOf } from "./entry.ts";
import type { MemoryObject } from "./memory-object.ts";
import { mergeEntries, sortEntries } from "./merge-entries.ts";
import { SortedEntries } from "./sorted-entries.ts";

/** How many entries are recorded before they are put in order: some 1 MB, which a processor's cache holds. */
const entriesPerRun = 65_536;
/** How many such runs wait to be merged: each of them is looked at for each entry. */
const waitingRuns = 32;

/**
 * A memory of many entries. It answers what earlier runs left; what this run records is written by `save`, for the
 * next run to ask for. The keys are digests, of which an entry keeps the first words.
 */
export class EntryMemory {
  readonly #object: MemoryObject;
  readonly #format: EntryFormat;
  readonly #before: SortedEntries;
  /** What `save` writes, but for what stands in `#runs` and `#recording`. */
  #merged: SortedEntries;
  #runs: Uint32Array[] = [];
  #recording = new Uint32Array();
  #end = 0;
  #hasChanged = false;

  private constructor(object: MemoryObject, format: EntryFormat, before: SortedEntries) {
    this.#object = object;
    this.#format = format;
    this.#before = before;
    this.#merged = before;
  }

  static async open(object: MemoryObject, format: EntryFormat): Promise<EntryMemory> {
    const before = await object.read((bytes) => SortedEntries.unsealed(bytes, format));
    return new EntryMemory(object, format, before ?? mergeEntries([], format));
  }

  /** Whether earlier runs left nothing: then no key need be made to ask. */
  get isEmpty(): boolean {
    return this.#before.isEmpty;
  }

  /** The words of an entry that earlier runs left; undefined where that is nothing, or too old to matter. */
  find(key: string): Uint32Array | undefined {
    const at = this.#before.find(key);
    if (at < 0) return undefined;
    const entry = this.#before.words.subarray(at, at + this.#format.size);
    return this.#format.isKept(entry.at(-1)!) ? entry : undefined;
  }

  /** @param content the digest whose first words fill what the format leaves between key and stamp */
  record(key: string, stamp: number, content = ""): void {
    const { size } = this.#format;
    if (this.#end === this.#recording.length) this.#beginRun();
    const recording = this.#recording;
    let at = this.#end;
    for (let word = 0; word < keyWords; word++) recording[at++] = wordOf(key, word);
    for (let word = 0; word < size - keyWords - 1; word++) recording[at++] = wordOf(content, word);
    recording[at++] = stamp;
    this.#end = at;
    this.#hasChanged = true;
  }

  /** Writes what this run recorded; or nothing, if that is nothing and what was read is whole. Never rejects. */
  async save(): Promise<void> {
    if (!this.#hasChanged && !this.#object.isDamaged) return;
    this.#merge();
    if (await this.#object.write(this.#merged.sealed(this.#format))) this.#hasChanged = false;
  }

  #beginRun(): void {
    this.#endRun();
    if (this.#runs.length === waitingRuns) this.#merge();
    this.#recording = new Uint32Array(entriesPerRun * this.#format.size);
  }

  #endRun(): void {
    if (this.#end > 0)
      this.#runs.push(sortEntries(this.#recording.subarray(0, this.#end), this.#format.size));
    this.#recording = new Uint32Array();
    this.#end = 0;
  }

  #merge(): void {
    this.#endRun();
    this.#merged = mergeEntries([this.#merged.words, ...this.#runs], this.#format);
    this.#runs = [];
  }
}
