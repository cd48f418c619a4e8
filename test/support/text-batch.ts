import { SourceBatch, type SourceRow } from "../../functions/sources/source-batch.ts";

/** Rows of a source that are texts already. */
export class TextBatch extends SourceBatch {
  readonly #rows: readonly SourceRow[];
  readonly #rowsBefore: number;
  #row = -1;
  #at = 0;

  /** @param rows all as wide as the first */
  constructor(rows: readonly SourceRow[], rowsBefore = 0) {
    const bytes = Buffer.from(rows.flat().join(""));
    super(bytes, rows[0]?.length ?? 0);
    this.#rows = rows;
    this.#rowsBefore = rowsBefore;
  }

  place(): string {
    return `row ${this.#rowsBefore + this.#row + 1}`;
  }

  next(): boolean {
    const row = this.#rows[++this.#row];
    for (const [column, value] of (row ?? []).entries()) {
      const start = this.#at;
      this.#at += Buffer.byteLength(value ?? "");
      if (value === null) this.bound(column, -1, -1);
      else this.bound(column, start, this.#at);
    }
    return row !== undefined;
  }
}
