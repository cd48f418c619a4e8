import type { Remembered } from "../../domain/remembered.ts";
import { ActMemory } from "./memory/act-memory.ts";
import { DayBudget } from "./memory/day-budget.ts";
import { MemoryObject } from "./memory/memory-object.ts";
import { RefusalMemory } from "./memory/refusal-memory.ts";
import { memoryKey } from "./object-keys.ts";
import type { ObjectStore } from "./object-store.ts";

interface ListMemoryOptions {
  readonly store: ObjectStore;
  readonly list: string;
  /** How long a reader whom the database does not have may stay, unless a run subscribed them. */
  readonly graceHours: number;
  now(): Date;
  /** Tells a person what is not remembered, and what holds instead. */
  note(text: string): void;
}

/**
 * What is remembered of a list from run to run, one object each, read when it is first asked for. To be used under the
 * list's lock. Nothing here ever rejects: what S3 does not give, or does not take, is noted, and read in the strictest
 * way. What is missing was never there, or was deleted: then nothing is known, and nothing noted.
 *
 * No object holds an address: an entry's key is the first 12 bytes of the SHA-256 of its canonical form. Whoever gets
 * hold of the object cannot read off who is on the list. But addresses can be guessed, and the hash has no secret: who
 * has a list of addresses can find out which of them are remembered, and what for. So it is personal data still, in a
 * bucket that is private and encrypted.
 */
export interface ListMemory {
  budget(): Promise<DayBudget>;
  acts(): Promise<ActMemory>;
  refusals(): Promise<RefusalMemory>;
  /** What a planner asks of both. */
  remembered(): Promise<Remembered>;
  /** Writes what changed: at the end of a run, of a failed one too, but not of one that only looks. */
  save(): Promise<void>;
}

/** What holds while a memory cannot be read. */
const strictReadings = {
  "budget.json": "the day's limits count as used up, but for unsubscriptions that the database asks for",
  "acts.bin": "no subscription or unsubscription at the provider counts as made by a run",
  "refusals.bin": "no row counts as refused before",
} as const;

/** Reads nothing yet. */
export function openListMemory({ store, list, graceHours, now, note }: ListMemoryOptions): ListMemory {
  const opened: Promise<{ save(): Promise<void> }>[] = [];
  function once<Memory extends { save(): Promise<void> }>(
    file: keyof typeof strictReadings,
    open: (object: MemoryObject) => Promise<Memory>,
  ): () => Promise<Memory> {
    let memory: Promise<Memory> | undefined;
    return () => {
      if (memory === undefined) {
        const key = memoryKey(list, file);
        memory = open(new MemoryObject({ store, key, strictReading: strictReadings[file], note }));
        opened.push(memory);
      }
      return memory;
    };
  }
  const acts = once("acts.bin", (object) => ActMemory.open(object, { now: now(), graceHours }));
  const refusals = once("refusals.bin", (object) => RefusalMemory.open(object, now()));
  return {
    budget: once("budget.json", (object) => DayBudget.open(object, now)),
    acts,
    refusals,
    async remembered() {
      const [done, refused] = await Promise.all([acts(), refusals()]);
      return {
        lastActOn: (canonical) => done.lastActOn(canonical),
        wasRefused: (change) => refused.wasRefused(change),
      };
    },
    async save() {
      for (const memory of opened) await (await memory).save();
    },
  };
}
