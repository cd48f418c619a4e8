import type { SyncReport } from "../../../functions/sync-subscribers/report.ts";
import type { ListName } from "./random-account.ts";

const dayMs = 24 * 3_600_000;

/** The lists that a run found empty and began to fill: until one has finished that, runs of the day go on with it. */
export class EmptyLists {
  readonly #filledSince = new Map<ListName, number>();

  /** A run that began with an empty list imports readers. */
  onFilled(list: ListName, at: number): void {
    if (!this.isBeingFilled(list, at)) this.#filledSince.set(list, at);
  }

  onEnd(list: ListName, { mode, applied }: Partial<SyncReport>): void {
    if (mode === "apply" && applied?.left === 0) this.#filledSince.delete(list);
  }

  isBeingFilled(list: ListName, now: number): boolean {
    return now < (this.#filledSince.get(list) ?? Number.NEGATIVE_INFINITY) + dayMs;
  }
}
