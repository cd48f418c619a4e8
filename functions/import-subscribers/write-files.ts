import { createHash } from "node:crypto";
import type { Planner } from "../domain/diff/planner.ts";
import type { PositionList } from "../domain/diff/position-list.ts";
import type { Position } from "../domain/diff/record-arena.ts";
import type { ChangeGroup, PlanChunk } from "../domain/plan.ts";
import { TextCursor } from "../domain/records/text-cursor.ts";
import type { RunHistory } from "../platform/storage/history/run-history.ts";
import { importKey } from "../platform/storage/object-keys.ts";
import { ChangeRows } from "./change-rows.ts";
import { CsvEncoder } from "./csv-encoder.ts";
import type { Job } from "./job.ts";
import type { ImportedFile } from "./report.ts";

/** A file is uploaded in pieces of this size. */
const pieceBytes = 1 << 18;

export interface GroupToWrite {
  readonly planner: Planner;
  readonly group: ChangeGroup;
  readonly entries: PositionList;
  /** Called after each piece with how many more rows are written. */
  onRows(rows: number): void;
}

/**
 * Writes the changes of a group into CSV files of at most `rowsPerFile` rows, each with a header. A file appears when it
 * is whole. `run.report.files` lists every file that was begun.
 */
export async function writeFiles(
  { planner, group, entries, onRows }: GroupToWrite,
  { list, files, history, run }: Job,
): Promise<PlanChunk[]> {
  const { rowsPerFile } = list.configuration.import;
  const csv = new CsvEncoder();
  const rows = new ChangeRows(planner, group, csv);
  const positions = entries[Symbol.iterator]();
  const remember = history && rememberingIn(history, planner);
  const chunks: PlanChunk[] = [];
  for (let left = entries.length; left > 0; left -= rowsPerFile) {
    const number = chunks.length;
    const key = importKey(list.name, run.id, { group, number });
    const file: ImportedFile = { key, group, rows: 0, bytes: 0 };
    run.report.files = [...(run.report.files ?? []), file];
    const hash = createHash("sha256");
    await files.upload(key, piecesOf(file, hash), {
      contentType: "text/csv; charset=utf-8",
      signal: run.signal,
    });
    chunks.push({ group, number, changes: file.rows, sha256: hash.digest("hex") });
  }
  return chunks;

  async function* piecesOf(
    file: ImportedFile,
    hash: ReturnType<typeof createHash>,
  ): AsyncGenerator<Uint8Array> {
    rows.writeHeader();
    let written = 0;
    for (let next = positions.next(); !next.done; next = positions.next()) {
      rows.write(next.value);
      remember?.(next.value);
      written++;
      const isLast = file.rows + written === rowsPerFile;
      if (csv.length >= pieceBytes || isLast) yield take();
      if (isLast) return;
    }
    if (written > 0) yield take();

    function take(): Uint8Array {
      const piece = csv.take();
      hash.update(piece);
      file.bytes += piece.length;
      file.rows += written;
      onRows(written);
      written = 0;
      return piece;
    }
  }
}

/** Writes down the reader of an entry. Of plain subscriptions, all have the reason of the first one. */
function rememberingIn(history: RunHistory, planner: Planner): (entry: Position) => void {
  const cursor = new TextCursor();
  let reason: string | undefined;
  return (entry) => {
    if (!planner.isPlainSubscription(entry)) {
      history.addPlanned(planner.changeOf(entry));
      return;
    }
    reason ??= planner.changeOf(entry).reason;
    const { bytes, start } = planner.recordOf(entry);
    const email = cursor.open(bytes, start).read().toString();
    history.addPlanned({ kind: "subscribe", email, reason, fields: {}, saw: null });
  };
}
