import type { ReaderMatcher } from "./reader-matcher.ts";
import { RecordEnds } from "./record-ends.ts";
import { RecordEraser } from "./record-eraser.ts";

const lineFeed = 10;
/** A longer record is none: quotes that nothing closes make one of all that follows. */
const longestRecord = 1 << 20;

/** The bytes of a CSV without the reader's records; those of all other records are as they were. */
export async function* withoutRecords(
  chunks: AsyncIterable<Buffer>,
  options: { readonly matcher: ReaderMatcher; readonly onErased: () => void },
): AsyncGenerator<Buffer> {
  let begun: Buffer[] = [];
  let begunBytes = 0;
  let eraser: RecordEraser | undefined;
  let records: RecordEnds | undefined;
  for await (const chunk of withWholeFirstLine(chunks)) {
    eraser ??= new RecordEraser(firstLineOf(chunk), options);
    records ??= new RecordEnds(eraser.delimiter);
    const offset = begunBytes;
    let ends = records.in(chunk).map((end) => end + offset);
    begun.push(chunk);
    begunBytes += chunk.length;
    if (ends.length === 0 && !(records.isWithinQuotes && begunBytes > longestRecord)) continue;
    const whole = Buffer.concat(begun);
    if (ends.length === 0) {
      ends = RecordEnds.ofLines(whole);
      records.leaveQuotes();
    }
    const end = ends.at(-1) ?? 0;
    begun = end === whole.length ? [] : [whole.subarray(end)];
    begunBytes = whole.length - end;
    if (end > 0) yield eraser.erase(whole.subarray(0, end), ends);
  }
  if (begunBytes === 0) return;
  const whole = Buffer.concat(begun);
  const ends = records?.isWithinQuotes ? RecordEnds.ofLines(whole) : [];
  if (eraser !== undefined) yield eraser.erase(whole, [...ends, whole.length]);
}

/** The first piece has the whole first line, unless that is none of a CSV. */
async function* withWholeFirstLine(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let begun: Buffer = Buffer.alloc(0);
  let isBegun = true;
  for await (const chunk of chunks) {
    if (!isBegun) {
      yield chunk;
      continue;
    }
    begun = Buffer.concat([begun, chunk]);
    isBegun = !begun.includes(lineFeed) && begun.length < longestRecord;
    if (!isBegun) yield begun;
  }
  if (isBegun && begun.length > 0) yield begun;
}

function firstLineOf(piece: Buffer): string {
  const end = piece.indexOf(lineFeed);
  return (end < 0 ? piece : piece.subarray(0, end)).toString();
}
