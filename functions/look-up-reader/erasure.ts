/** What was erased in one place. */
export interface ErasedThere {
  /** Written anew, or removed. */
  readonly objects: number;
  readonly rows: number;
}

/** What an erasure leaves behind as its proof: numbers and keys, and no address. */
export interface Receipt {
  /** By the first part of their keys, as in `plans` or `events`. */
  erased: Readonly<Record<string, ErasedThere>>;
  /** The objects that were written anew or removed. */
  keys: readonly string[];
  /** How many objects were looked through. */
  searched: number;
  /** What is damaged, or has hashes of another key, was left as it is: nobody can tell whether the reader is in it. */
  unreadable: readonly string[];
  /** Of an erasure that went on: the key in the archive at which it began, as everything before was looked through already. */
  from: string;
  /** What is left: where the reader still is, and what nobody can take out. */
  remains: readonly string[];
  /** Whether the archive was not looked through to its end: the answer has the event that goes on. */
  isToGoOn: boolean;
}

/** Adds up what an erasure did. */
export class ErasureTally {
  readonly erased: Record<string, ErasedThere> = {};
  readonly keys: string[] = [];
  readonly unreadable: string[] = [];
  searched = 0;

  addUnreadable(key: string): void {
    if (!this.unreadable.includes(key)) this.unreadable.push(key);
  }

  /** @param rows of the reader that the object had */
  add(key: string, rows: number): void {
    const [place = ""] = key.split("/");
    const { objects, rows: before } = this.erased[place] ?? { objects: 0, rows: 0 };
    this.erased[place] = { objects: objects + 1, rows: before + rows };
    this.keys.push(key);
  }
}
