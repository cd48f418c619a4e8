import type { EventName } from "../providers/event-columns.ts";
import type { EventFile } from "../providers/event-files.ts";
import { CsvScanner } from "./csv-scanner.ts";
import { columnsWithoutHeader, type MatchedColumns, matchColumns } from "./match-columns.ts";
import { type ProblemOfTime, timesOfDay } from "./times-of-day.ts";

/** What the response of a body said of its end. */
export interface StatedEnd {
  /** Whether it declared the body's length, which was met. */
  readonly isLengthStated: boolean;
  /** Whether a body that is cut short on its way is noticed. */
  readonly isEndCertain: boolean;
}

/** What a file's bytes turned out to be. */
export interface CheckedRows {
  /** Without the header. */
  readonly rows: number;
  /** Without names if there is no header, or not that of the event. */
  readonly columns: MatchedColumns;
  /** Why the file is not a whole file of its event and day, if so: by line and column, never by a value. */
  readonly problem?: string;
  /** Whether the body may have been cut on its way, and so be whole the next time. */
  readonly mayBeCut: boolean;
  /** Whether Athena can read the rows as they are: see CsvScanner. */
  readonly isPlain: boolean;
}

/** The first 64 kB, which hold the header. */
const headBytes = 1 << 16;

/**
 * Checks a file's rows as its bytes stream past. They are whole if each has as many columns as the header and a time of
 * the file's day, and the last one ends with a line break or with the length that was stated: neither a row that is
 * cut, nor the message of a program that failed, nor the rows of another day pass. A file may have no rows at all.
 */
export class RowCheck {
  readonly #event: EventName;
  readonly #problemOfTime: ProblemOfTime;
  readonly #scanner = new CsvScanner({
    onHeader: () => this.#readHeader(),
    onRow: (line, columns, time) => this.#checkRow(line, columns, time),
  });
  readonly #head: Buffer[] = [];
  #bytes = 0;
  #columns: MatchedColumns;
  /** The first that was found. */
  #problem: string | undefined;
  /** Many rows have the time of the one before. */
  #checkedTime: string | undefined;

  constructor({ event, date }: EventFile, timeZone: string) {
    this.#event = event;
    this.#columns = columnsWithoutHeader(event);
    this.#problemOfTime = timesOfDay(date, timeZone);
  }

  scan(chunk: Buffer): void {
    if (this.#bytes < headBytes) this.#head.push(chunk.subarray(0, headBytes - this.#bytes));
    this.#bytes += chunk.length;
    this.#scanner.scan(chunk);
  }

  /** Must be called after the last chunk. */
  end(stated: StatedEnd): CheckedRows {
    const ending = this.#scanner.end();
    const { records, recordLine, isPlain } = this.#scanner;
    if (ending === "quotes") this.#problem ??= `ends within the quotes of line ${recordLine}`;
    if (ending === "record") this.#problem ??= this.#problemOfEnd(stated);
    return {
      rows: Math.max(0, records - 1),
      columns: this.#columns,
      ...(this.#problem !== undefined && { problem: this.#problem }),
      mayBeCut: !stated.isEndCertain && ending !== "lineBreak",
      isPlain,
    };
  }

  /** @returns the position of the rows' times */
  #readHeader(): number {
    const matched = matchColumns(this.#event, Buffer.concat(this.#head));
    if ("problem" in matched) {
      this.#problem = matched.problem;
      return -1;
    }
    this.#columns = matched;
    return matched.positions[matched.table.indexOf("date")] ?? -1;
  }

  #checkRow(line: number, columns: number, time: string): void {
    if (this.#problem !== undefined) return;
    const expected = this.#columns.names.length;
    if (columns !== expected) {
      this.#problem = `line ${line} has ${columns} column${columns === 1 ? "" : "s"}, where the header has ${expected}`;
    } else if (time !== this.#checkedTime) {
      const problem = this.#problemOfTime(time);
      if (problem === undefined) this.#checkedTime = time;
      else this.#problem = `line ${line} has ${problem} in the column date`;
    }
  }

  #problemOfEnd({ isLengthStated, isEndCertain }: StatedEnd): string | undefined {
    const { records, recordLine } = this.#scanner;
    if (records === 0) {
      if (isEndCertain) return undefined;
      return "is empty, and neither its length nor its end was announced";
    }
    if (isLengthStated) return undefined;
    return `line ${recordLine} ends the file without a line break, and no length was announced`;
  }
}
