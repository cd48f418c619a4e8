import type { Subscriber } from "./subscriber.ts";
import type { SubscriberRows } from "./subscriber-rows.ts";

export type Status = "subscribed" | "unsubscribed" | "all";
export interface PageRange {
  readonly status: Status;
  readonly offset: number;
  readonly count: number;
}

interface Block {
  subscribed: number;
  unsubscribed: number;
  bytes: Buffer | undefined;
}

const rowsPerBlock = 1_000;

export const hasStatus = (subscriber: Subscriber, status: Status): boolean =>
  status === "all" || subscriber.subscribed === (status === "subscribed");

/** A JSON array from parts that are each one or more of its elements. */
export const jsonArray = (parts: readonly Buffer[]): Buffer[] => [
  Buffer.from("["),
  ...parts.flatMap((part, index) => (index === 0 ? [part] : [Buffer.from(","), part])),
  Buffer.from("]"),
];

/**
 * Finds and serialises pages. Rows are grouped in blocks, which count their rows by status, so that any offset is found
 * without looking at rows, and cache their JSON, so that a page is serialised once.
 */
export class PageBlocks {
  readonly #blocks: Block[] = [];
  readonly #rows: SubscriberRows;
  readonly #serialise: (subscriber: Subscriber) => string;

  constructor(rows: SubscriberRows, serialise: (subscriber: Subscriber) => string) {
    this.#rows = rows;
    this.#serialise = serialise;
  }

  /** Records that row `number` was added (+1) or removed (-1) with this status. */
  tally(number: number, status: "subscribed" | "unsubscribed", by: 1 | -1): void {
    const index = Math.floor(number / rowsPerBlock);
    this.#blocks[index] ??= { subscribed: 0, unsubscribed: 0, bytes: undefined };
    const block = this.#blocks[index];
    block[status] += by;
    block.bytes = undefined;
  }

  total(status: "subscribed" | "unsubscribed"): number {
    return this.#blocks.reduce((total, block) => total + block[status], 0);
  }

  page({ status, offset, count }: PageRange): Buffer[] {
    const parts: Buffer[] = [];
    let skip = offset;
    let wanted = count;
    for (const [index, block] of this.#blocks.entries()) {
      if (wanted === 0) break;
      const matching = status === "all" ? block.subscribed + block.unsubscribed : block[status];
      const taken = Math.min(wanted, Math.max(matching - skip, 0));
      if (taken > 0) {
        const isWhole = status === "all" && taken === matching;
        parts.push(
          isWhole ? this.#whole(index, block) : this.#part(index, { status, offset: skip, count: taken }),
        );
      }
      skip = Math.max(skip - matching, 0);
      wanted -= taken;
    }
    return jsonArray(parts);
  }

  #whole(index: number, block: Block): Buffer {
    block.bytes ??= this.#part(index, { status: "all", offset: 0, count: rowsPerBlock });
    return block.bytes;
  }

  #part(index: number, { status, offset, count }: PageRange): Buffer {
    const rows = this.#rowsOf(index).filter((row) => hasStatus(row, status));
    return Buffer.from(
      rows
        .slice(offset, offset + count)
        .map(this.#serialise)
        .join(","),
    );
  }

  #rowsOf(index: number): Subscriber[] {
    const first = index * rowsPerBlock;
    const size = Math.min(rowsPerBlock, this.#rows.length - first);
    return Array.from({ length: size }, (_, row) => this.#rows.at(first + row)).filter(
      (row) => row !== undefined,
    );
  }
}
