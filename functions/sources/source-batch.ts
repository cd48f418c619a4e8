/** One row of a source: a text for each column, null for no value. */
export type SourceRow = readonly (string | null)[];

/**
 * Some rows, read together, as bytes: a cursor, which stands before the first of them. No text is made of a value unless
 * it is asked for.
 */
export abstract class SourceBatch {
  /** In UTF-8. */
  readonly bytes: Buffer;
  /** Where the bytes of each column of the row at the cursor begin and end; -1 for no value. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;

  constructor(bytes: Buffer, columns: number) {
    this.bytes = bytes;
    this.starts = new Int32Array(columns);
    this.ends = new Int32Array(columns);
  }

  /** Moves to the next row. @returns false after the last */
  abstract next(): boolean;

  /** Names the row at the cursor in messages: `line 3` or `row 2`. */
  abstract place(): string;

  sizeOf(column: number): number {
    return this.ends[column]! - this.starts[column]!;
  }

  get rowSize(): number {
    let size = 0;
    for (let column = 0; column < this.starts.length; column++) size += this.sizeOf(column);
    return size;
  }

  /** @param maxBytes cuts each text */
  row(maxBytes = Number.POSITIVE_INFINITY): SourceRow {
    return Array.from(this.starts, (start, column) => {
      const end = Math.min(this.ends[column]!, start + maxBytes);
      return start < 0 ? null : this.bytes.toString("utf8", start, end);
    });
  }

  protected bound(column: number, start: number, end: number): void {
    this.starts[column] = start;
    this.ends[column] = end;
  }
}
