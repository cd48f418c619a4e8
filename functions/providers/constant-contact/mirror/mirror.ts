import { mirrorStateKey } from "../../../platform/storage/object-keys.ts";
import type { Contact } from "../contact.ts";
import { compactMirror, compactReadAnew, isLogLong } from "./compact-mirror.ts";
import { DamagedMirrorError } from "./damaged-mirror-error.ts";
import { foldMirror } from "./fold-mirror.ts";
import type { Addition, Removal } from "./merge-contact.ts";
import { type MirrorList, openMirrorList } from "./mirror-list.ts";
import {
  isComplete,
  type Joining,
  type MirrorEntry,
  MirrorStateObject,
  type PendingActivity,
} from "./mirror-state.ts";
import { addressKey } from "./newcomers.ts";
import type { AccountAccess } from "./read-account.ts";
import { refreshChanges, refreshWhole } from "./refresh-mirror.ts";
import { storeRows } from "./stored-rows.ts";

const hourMs = 3_600_000;
/** An hour less than a day: a daily run that begins a little earlier than yesterday's reads the account whole, too. */
const wholeMs = 23 * hourMs;

export interface MirrorOptions extends AccountAccess {
  /** Called with a sentence for the report. */
  note(text: string): void;
}

/**
 * What an account held when it was last read, and what the provider forgets: who left a list, and when. Runs of several
 * lists may use it at the same time. Whatever a call learns is stored before it returns: a run that is killed, or fails to
 * store it, has not used it.
 *
 * All calls throw FileBusyError when other runs write the mirror again and again, and the errors of the bucket.
 */
export interface Mirror {
  /**
   * Brings the mirror up to date: what changed since the last refresh; or the whole account if that is asked for, was not
   * done for a day, or the mirror is lost.
   *
   * @returns whether it read the whole account
   * @throws IncompleteReadError, and as the client's `contacts`
   */
  refresh(options: { readonly isWhole?: boolean; readonly signal: AbortSignal }): Promise<boolean>;
  /**
   * One list, as it was when the mirror was last refreshed.
   *
   * @throws as refresh: a mirror that turns out to be damaged is read anew
   */
  list(listId: string, options: ListOptions): Promise<MirrorList>;
  /**
   * Remembers contacts that were read in another way.
   *
   * @param reading.beganAt when that began, in ms since the epoch
   */
  record(contacts: readonly Contact[], reading: { readonly beganAt: number }): Promise<void>;
  /** Stores whom an import is to put on a list; the mirror does not know of it yet. */
  storeJoining(joining: {
    readonly contactIds: readonly string[];
    readonly emails: readonly string[];
  }): Promise<Joining>;
  /** Remembers that a run of ours has put them there: whoever is not shown on it later has left it. */
  recordAddition(addition: Addition & { readonly joining: Joining }): Promise<void>;
  /**
   * Remembers that a run of ours removes contacts from a list: before the provider is asked to, so that they never count as
   * having left by themselves, and again when it has done it.
   */
  recordRemoval(removal: Omit<Removal, "at"> & { readonly contactIds: readonly string[] }): Promise<void>;
  /** The activities of a list that were not over when its last run ended. */
  pending(listId: string): Promise<readonly PendingActivity[]>;
  /** Replaces them. */
  setPending(listId: string, pending: readonly PendingActivity[]): Promise<void>;
}

interface ListOptions {
  readonly joinKnown?: "always" | undefined;
  readonly signal: AbortSignal;
}

/** Does not read anything yet. */
export function openMirror(options: MirrorOptions): Mirror {
  return new StoredMirror(options);
}

class StoredMirror implements Mirror {
  readonly #options: MirrorOptions;
  readonly #object: MirrorStateObject;

  constructor(options: MirrorOptions) {
    this.#options = options;
    this.#object = new MirrorStateObject(options.place);
  }

  async refresh({ isWhole, signal }: Parameters<Mirror["refresh"]>[0]): Promise<boolean> {
    const state = await this.#object.read();
    if (!isComplete(state)) {
      await this.#startAnew(mirrorStateKey(this.#options.place.account), signal);
      return true;
    }
    const isDue = isWhole || this.#options.clock.now() - state.readWholeAt >= wholeMs;
    if (isDue) await refreshWhole(this.#options, this.#object, { signal });
    else await refreshChanges(this.#options, this.#object, { since: state.watermark, signal });
    if (isDue || isLogLong(this.#object.state))
      await this.#orAnew(signal, () => compactMirror(this.#options.place, this.#object, refuse));
    return isDue;
  }

  async list(listId: string, { joinKnown, signal }: ListOptions): Promise<MirrorList> {
    return this.#orAnew(signal, () => {
      const { place } = this.#options;
      const { state } = this.#object;
      if (!isComplete(state)) throw new DamagedMirrorError(mirrorStateKey(place.account));
      const { beganAt, lostAt } = state;
      return openMirrorList(() => foldMirror(place, state, refuse), { listId, joinKnown, beganAt, lostAt });
    });
  }

  async record(contacts: readonly Contact[], reading: Parameters<Mirror["record"]>[1]): Promise<void> {
    if (contacts.length === 0) return;
    const rows = await storeRows(this.#options.place, contacts);
    const endedAt = this.#options.clock.now();
    await this.#append({ kind: "reading", isWhole: false, ...reading, endedAt, rows });
  }

  async storeJoining({ contactIds, emails }: Parameters<Mirror["storeJoining"]>[0]): Promise<Joining> {
    const keys = [contactIds, emails.map(addressKey)];
    const [contacts, addresses] = await Promise.all(
      keys.map(async (ids) => (ids.length === 0 ? undefined : storeRows(this.#options.place, idRows(ids)))),
    );
    return { contacts, addresses };
  }

  async recordAddition(addition: Parameters<Mirror["recordAddition"]>[0]): Promise<void> {
    const { contacts, addresses } = addition.joining;
    if (contacts === undefined && addresses === undefined) return;
    await this.#append({ kind: "addition", ...addition });
  }

  async recordRemoval({ contactIds, ...removal }: Parameters<Mirror["recordRemoval"]>[0]): Promise<void> {
    if (contactIds.length === 0) return;
    const rows = await storeRows(this.#options.place, idRows(contactIds));
    await this.#append({ kind: "removal", ...removal, at: this.#options.clock.now(), rows });
  }

  async pending(listId: string): Promise<readonly PendingActivity[]> {
    const { pending } = await this.#object.read();
    return pending.filter(({ list }) => list === listId);
  }

  async setPending(listId: string, pending: readonly PendingActivity[]): Promise<void> {
    await this.#object.change((standing) => {
      const others = standing.pending.filter(({ list }) => list !== listId);
      if (pending.length === 0 && others.length === standing.pending.length) return standing;
      return { ...standing, pending: [...others, ...pending] };
    });
  }

  /** Does the work; if the mirror turns out to be damaged, does it again with one that is read anew. */
  async #orAnew<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DamagedMirrorError)) throw error;
      await this.#startAnew(error.key, signal);
      return work();
    }
  }

  /** What is left of the mirror still counts, but nobody can be said not to have left before. */
  async #startAnew(key: string, signal: AbortSignal): Promise<void> {
    const isState = key === mirrorStateKey(this.#options.place.account);
    const missing = isState ? "missing, as before a first run," : "missing,";
    const consequence = "whoever left a list before may not be remembered";
    this.#options.note(
      `${key} is ${missing} damaged or of another version: the account is read whole, and ${consequence}`,
    );
    await refreshWhole(this.#options, this.#object, { signal, isAnew: true });
    await compactReadAnew(this.#options.place, this.#object);
  }

  async #append(entry: MirrorEntry): Promise<void> {
    await this.#object.change((standing) => {
      const previousAt = standing.watermark;
      return {
        ...standing,
        log: [...standing.log, entry.kind === "reading" ? { ...entry, previousAt } : entry],
      };
    });
  }
}

function refuse(key: string): never {
  throw new DamagedMirrorError(key);
}

function idRows(ids: readonly string[]): { readonly id: string }[] {
  return ids.map((id) => ({ id }));
}
