import type { Mirror } from "./mirror/mirror.ts";
import type { PendingActivity } from "./mirror/mirror-state.ts";

/** The activities of a list that are not known to be over: what is kept of them is stored before anything else is done. */
export class PendingActivities {
  readonly #mirror: Pick<Mirror, "pending" | "setPending">;
  readonly #listId: string;
  #all: Promise<readonly PendingActivity[]> | undefined;
  #lastSave: Promise<unknown> = Promise.resolve();

  constructor(mirror: Pick<Mirror, "pending" | "setPending">, listId: string) {
    this.#mirror = mirror;
    this.#listId = listId;
  }

  /** Those of earlier runs and of ours. */
  all(): Promise<readonly PendingActivity[]> {
    this.#all ??= this.#mirror.pending(this.#listId);
    return this.#all;
  }

  async add(pending: Omit<PendingActivity, "list">): Promise<PendingActivity> {
    const added = { list: this.#listId, ...pending };
    await this.#save((all) => [...all, added]);
    return added;
  }

  /** More is known of it now. */
  async describe(
    pending: PendingActivity,
    known: Pick<PendingActivity, "id" | "rows" | "joining">,
  ): Promise<PendingActivity> {
    const described = { ...pending, ...known };
    await this.#save((all) => all.map((other) => (other === pending ? described : other)));
    return described;
  }

  remove(over: PendingActivity): Promise<void> {
    return this.#save((all) => all.filter((pending) => pending !== over));
  }

  /** One at a time, as each replaces all of them. */
  #save(change: (all: readonly PendingActivity[]) => PendingActivity[]): Promise<void> {
    const saved = this.#lastSave.then(async () => {
      const changed = change(await this.all());
      this.#all = Promise.resolve(changed);
      await this.#mirror.setPending(this.#listId, changed);
    });
    this.#lastSave = saved.catch(() => undefined);
    return saved;
  }
}
