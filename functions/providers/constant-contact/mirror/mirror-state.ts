import * as z from "zod";
import { FileBusyError } from "../../../domain/archive-errors.ts";
import { mirrorStateKey } from "../../../platform/storage/object-keys.ts";
import { type MirrorPlace, type StoredRows, storedRowsSchema } from "./stored-rows.ts";

const maxAttempts = 20;

/** Whom an import puts on its list. */
const joiningSchema = z.object({
  /** The contacts who were known, by their ids. */
  contacts: storedRowsSchema.optional(),
  /** The others, whose contacts are still to come: see `addressKey`. */
  addresses: storedRowsSchema.optional(),
});
export type Joining = z.infer<typeof joiningSchema>;

/** Something that was learnt of contacts after the base was written. */
const entrySchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("reading"),
    /** Whether it is proven to show every contact of the account. */
    isWhole: z.boolean(),
    beganAt: z.number(),
    endedAt: z.number(),
    previousAt: z.number().optional(),
    rows: storedRowsSchema,
  }),
  z.object({
    kind: z.literal("removal"),
    list: z.string(),
    by: z.enum(["READER", "PUBLISHER"]),
    at: z.number(),
    isDone: z.boolean(),
    rows: storedRowsSchema,
  }),
  z.object({
    kind: z.literal("addition"),
    list: z.string(),
    beganAt: z.number(),
    endedAt: z.number(),
    joining: joiningSchema,
  }),
]);
export type MirrorEntry = z.infer<typeof entrySchema>;

/** An activity that was not known to be over when its run ended. */
const pendingActivitySchema = z.object({
  list: z.string(),
  kind: z.enum(["import", "removal"]),
  /** Absent when the answer that would have told it was lost. */
  id: z.string().optional(),
  /** When it was asked for, in ms since the epoch. */
  startedAt: z.number(),
  /** Of an import: how many rows it has, and who joins the list by it. */
  rows: z.number().optional(),
  joining: joiningSchema.optional(),
});
export type PendingActivity = z.infer<typeof pendingActivitySchema>;

const stateSchema = z.object({
  version: z.literal(1),
  /** When the account had first been read whole: whoever left a list before that is not remembered. */
  beganAt: z.number().optional(),
  /** When it was last read anew after something of the mirror was lost. */
  lostAt: z.number().optional(),
  readWholeAt: z.number().optional(),
  /** Everything that changed before is in the mirror: the provider's time when the last refresh began. */
  watermark: z.number().optional(),
  base: storedRowsSchema.optional(),
  /** In the order in which it was learnt. */
  log: z.array(entrySchema),
  pending: z.array(pendingActivitySchema),
});
export type MirrorState = z.infer<typeof stateSchema>;

const emptyState: MirrorState = { version: 1, log: [], pending: [] };

/** The rows of an entry that are read part by part. */
export function rowsOf(entry: MirrorEntry): StoredRows | undefined {
  return entry.kind === "addition" ? entry.joining.contacts : entry.rows;
}

/** Whether the mirror shows a whole account. */
export function isComplete(
  state: MirrorState,
): state is MirrorState & Record<"beganAt" | "readWholeAt" | "watermark", number> {
  return state.beganAt !== undefined && state.readWholeAt !== undefined && state.watermark !== undefined;
}

/** The object that says what the mirror of an account consists of. It is only ever replaced by a run that knows it. */
export class MirrorStateObject {
  readonly #place: MirrorPlace;
  #state: MirrorState = emptyState;
  #etag: string | undefined;
  #isDamaged = false;

  constructor(place: MirrorPlace) {
    this.#place = place;
  }

  /** What was last read or written. */
  get state(): MirrorState {
    return this.#state;
  }

  /** Whether something of a mirror is known to have been lost, when the state is not complete or its rows are not. */
  get isLoss(): boolean {
    return this.#isDamaged || this.#state.beganAt !== undefined;
  }

  /** An object that is missing, damaged or of another version is an empty state. */
  async read(): Promise<MirrorState> {
    const standing = await this.#place.store.get(mirrorStateKey(this.#place.account));
    this.#etag = standing?.etag;
    const decoded = standing && decode(standing.bytes);
    this.#isDamaged = standing !== undefined && decoded === undefined;
    this.#state = decoded ?? emptyState;
    return this.#state;
  }

  /**
   * Replaces the state by what `change` makes of it; if another run has written meanwhile, by what it makes of theirs.
   *
   * @param change must keep what it does not mean to change; returns its argument if there is nothing to change
   * @throws FileBusyError when others wrote first each time
   */
  async change(change: (standing: MirrorState) => MirrorState): Promise<MirrorState> {
    const { store, account } = this.#place;
    const key = mirrorStateKey(account);
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const changed = change(this.#state);
      if (changed === this.#state) return changed;
      const bytes = Buffer.from(JSON.stringify(changed));
      const condition = this.#etag === undefined ? { ifAbsent: true } : { ifMatch: this.#etag };
      const etag = (await store.put(key, bytes, condition)) ?? (await this.#etagOf(key, bytes));
      if (etag !== undefined) {
        this.#etag = etag;
        this.#state = changed;
        return changed;
      }
      await this.read();
    }
    throw new FileBusyError(maxAttempts);
  }

  /** If the answer to a put was lost and the SDK repeated it, the condition fails although the bytes are stored. */
  async #etagOf(key: string, bytes: Uint8Array): Promise<string | undefined> {
    const standing = await this.#place.store.get(key);
    return standing && Buffer.compare(standing.bytes, bytes) === 0 ? standing.etag : undefined;
  }
}

/** @returns undefined if the bytes are no state of this version */
function decode(bytes: Uint8Array): MirrorState | undefined {
  try {
    return stateSchema.safeParse(JSON.parse(Buffer.from(bytes).toString())).data;
  } catch {
    return undefined;
  }
}
