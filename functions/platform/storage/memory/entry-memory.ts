import { type EntryFormat, forgotten, keyWords, textOfWord, wordOf } from "./entry.ts";
import type { MemoryObject } from "./memory-object.ts";
import { mergeEntries, sortEntries } from "./merge-entries.ts";
import { SortedEntries } from "./sorted-entries.ts";

/** How many entries are sorted at a time: some 1 MB, which fits into a processor's cache. */
const entriesPerRun = 65_536;
/** How many sorted runs are merged at a time: merging looks at each of them for every entry. */
const waitingRuns = 32;

/**
 * A memory of up to millions of entries, looked up by digest. Lookups answer what was stored when the memory was opened;
 * what is recorded since is written by `save` and found by the next run.
 */
export class EntryMemory {
  readonly #object: MemoryObject;
  readonly #format: EntryFormat;
  readonly #before: SortedEntries;
  /** What was stored, with what was recorded until `#runs` were last merged. */
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

  /** Whether nothing was stored: then callers need not hash anything. */
  get isEmpty(): boolean {
    return this.#before.isEmpty;
  }

  /** Whether what was stored is gone for good, or S3 failed: then nothing is found. */
  get isUnknown(): boolean {
    return this.#object.isLost || this.#object.isUnreadable;
  }

  /** The words of the stored entry; undefined if there is none that is still kept. */
  find(key: string): Uint32Array | undefined {
    const at = this.#before.find(key);
    if (at < 0) return undefined;
    const entry = this.#before.words.subarray(at, at + this.#format.size);
    return this.#format.isKept(entry.at(-1)!) ? entry : undefined;
  }

  /** @param content a digest whose first words become the entry's content, if the format has any */
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

  /** Removes the stored entry, if there is one. @returns whether there was */
  forget(key: string): boolean {
    if (this.find(key) === undefined) return false;
    this.record(key, forgotten);
    return true;
  }

  /** Removes every stored entry whose key begins with these two words. @returns whether there was one */
  forgetAll(beginning: string): boolean {
    const { words } = this.#before;
    const keys: string[] = [];
    for (let at = 0; at < words.length; at += this.#format.size) {
      if (words[at] !== wordOf(beginning, 0) || words[at + 1] !== wordOf(beginning, 1)) continue;
      keys.push(Array.from(words.subarray(at, at + keyWords), textOfWord).join(""));
    }
    for (const key of keys) this.record(key, forgotten);
    return keys.length > 0;
  }

  /** Forgets what was recorded since the memory was opened. */
  discard(): void {
    this.#merged = this.#before;
    this.#runs = [];
    this.#recording = new Uint32Array();
    this.#end = 0;
    this.#hasChanged = false;
  }

  /** Writes what was recorded, or replaces damaged entries; otherwise does nothing. Never rejects. */
  async save(): Promise<void> {
    if (!this.#hasChanged && !this.#object.isLost) return;
    this.#merge();
    if (await this.#object.write(this.#merged.sealed(this.#format))) this.#hasChanged = false;
  }

  #beginRun(): void {
    this.#endRun();
    if (this.#runs.length === waitingRuns) this.#merge();
    this.#recording = new Uint32Array(entriesPerRun * this.#format.size);
  }

  #endRun(): void {
    const recorded = this.#recording.subarray(0, this.#end);
    if (recorded.length > 0) this.#runs.push(sortEntries(recorded, this.#format.size));
    this.#recording = new Uint32Array();
    this.#end = 0;
  }

  #merge(): void {
    this.#endRun();
    this.#merged = mergeEntries([this.#merged.words, ...this.#runs], this.#format);
    this.#runs = [];
  }
}
