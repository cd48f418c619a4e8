import type { Remembered } from "../../domain/remembered.ts";
import { ActMemory } from "./memory/act-memory.ts";
import { DayBudget } from "./memory/day-budget.ts";
import { MemoryObject } from "./memory/memory-object.ts";
import { PushMemory } from "./memory/push-memory.ts";
import { RefusalMemory } from "./memory/refusal-memory.ts";
import { RejectionMemory } from "./memory/rejection-memory.ts";
import { ReturnMemory } from "./memory/return-memory.ts";
import { memoryKey } from "./object-keys.ts";
import type { ObjectStore } from "./object-store.ts";

interface ListMemoryOptions {
  readonly store: ObjectStore;
  readonly list: string;
  /** How long an act that subscribed somebody is remembered. */
  readonly graceHours: number;
  now(): Date;
  /** Called with a sentence for the report when something could not be read or written. */
  note(text: string): void;
}

/**
 * What is remembered about a list from run to run. There are five memories, each one object in S3 that is read when
 * it is first asked for. Use them while holding the list's lock. No call ever rejects: an object that is damaged or
 * cannot be read gets its strictest reading and a note. One that does not exist is an empty memory, but for the budget:
 * the first run of a list writes one.
 *
 * No object contains an address. Entries are keyed by the first 12 bytes of the SHA-256 of the address, which
 * keeps somebody who obtains an object from reading addresses in it. It does not keep them from testing addresses that
 * they know or guess, because the hash has no secret. So the memory is still personal data.
 */
export interface ListMemory {
  /**
   * Must be called when the lock is held. Begins to read what every run needs. Acts are left out, as they may be large and
   * many runs need none. Of the first run of a list, it resolves when the budget is written.
   */
  begin(options: { readonly isFirstRun: boolean }): Promise<void>;
  budget(): Promise<DayBudget>;
  acts(): Promise<ActMemory>;
  refusals(): Promise<RefusalMemory>;
  rejections(): Promise<RejectionMemory>;
  returns(): Promise<ReturnMemory>;
  pushes(): Promise<PushMemory>;
  /** Acts and refusals as the planner asks for them. */
  remembered(): Promise<Required<Remembered>>;
  /** Writes what has changed, but for the budget. Call it at the end of every run that may send changes, including failed ones. */
  save(): Promise<void>;
}

/** How runs behave while a memory cannot be read. */
const strictReadings = {
  "acts.bin":
    "nothing at the provider counts as done by an earlier run, and the database is told nothing that one may have done",
  "refusals.bin": "no row counts as refused before",
  "rejections.bin": "every row that was set aside counts as new",
  "returns.bin": "nothing counts as told to the database before",
  "pushes.bin": "what pushes did counts as of when they did it, not of when the reader said it",
} as const;

/** Does not read anything yet. */
export function openListMemory({ store, list, graceHours, now, note }: ListMemoryOptions): ListMemory {
  let isFirstRun = false;
  const toSave: Promise<{ save(): Promise<void> }>[] = [];
  function saved<Memory extends { save(): Promise<void> }>(
    file: keyof typeof strictReadings,
    open: (object: MemoryObject) => Promise<Memory>,
  ): () => Promise<Memory> {
    return once(() => {
      const key = memoryKey(list, file);
      const memory = open(new MemoryObject({ store, key, strictReading: strictReadings[file], note }));
      toSave.push(memory);
      return memory;
    });
  }
  const acts = saved("acts.bin", (object) => ActMemory.open(object, { now: now(), graceHours }));
  const refusals = saved("refusals.bin", (object) => RefusalMemory.open(object, now()));
  const budget = once(() =>
    DayBudget.open({ store, key: memoryKey(list, "budget.json"), isFirstRun, now, note }),
  );
  return {
    async begin(options) {
      isFirstRun = options.isFirstRun;
      const opened = budget();
      void refusals();
      if (isFirstRun) await opened;
    },
    budget,
    acts,
    refusals,
    rejections: saved("rejections.bin", (object) => RejectionMemory.open(object, now())),
    returns: saved("returns.bin", (object) => ReturnMemory.open(object, now())),
    pushes: saved("pushes.bin", (object) => PushMemory.open(object, now())),
    async remembered() {
      const [done, refused] = await Promise.all([acts(), refusals()]);
      return {
        lastActOn: (canonical) => done.lastActOn(canonical),
        actsKnownSince: done.actsKnownSince,
        wasRefused: (change) => refused.wasRefused(change),
      };
    },
    async save() {
      for (const memory of toSave) await (await memory).save();
    },
  };
}

function once<Result extends object>(act: () => Result): () => Result {
  let result: Result | undefined;
  return () => {
    result ??= act();
    return result;
  };
}
