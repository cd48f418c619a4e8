import { isUtf8 } from "node:buffer";
import { SourceError } from "../../domain/errors.ts";
import { Utf8Suspicion } from "./utf8-suspicion.ts";

/** Some rows of a CSV file, in UTF-8. */
export interface CsvBlock {
  readonly bytes: Buffer;
  /** The line of the file, from 1, on which the block begins. */
  readonly line: number;
  /** What keeps the block from being whole rows; then it is the last of the file. */
  readonly flaw: string | undefined;
}

const minBlockBytes = 1 << 16;
/** Where a quote must have been closed. A row that is shorter, but too long to be a reader's, is rejected alone. */
const maxRowBytes = 1 << 22;
const tooLong = `a row of more than ${maxRowBytes} bytes begins here`;
const noLineBreak =
  "the last line has no line break at its end, so its row may be cut short. If it is complete, add one";
const isUtf8File = 'the file is valid UTF-8: set "encoding" of the list\'s source to "utf-8", its default';
const quote = 0x22;
const lineBreak = 0x0a;
const byteOrderMark = Buffer.from("\ufeff");
const replacementCharacter = "\ufffd";

/**
 * Splits a file between rows, whenever at least 64 kB have arrived.
 *
 * @param encoding a WHATWG label
 * @throws SourceError naming the line of a byte that is invalid in the encoding, and for UTF-8 under another name
 */
export async function* splitCsv(chunks: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<CsvBlock> {
  const { encoding: name } = new TextDecoder(encoding);
  const isDecodable = name === "utf-8" ? isUtf8 : (bytes: Buffer) => !bytes.includes(replacementCharacter);
  let line = 1;
  for await (const { bytes, flaw } of wholeRows(name === "utf-8" ? chunks : toUtf8(chunks, name))) {
    // A row that is too long is cut anywhere, perhaps within a character.
    if (flaw !== tooLong && !isDecodable(bytes)) {
      const place = `line ${line + linesBeforeUndecodable(bytes, isDecodable)}`;
      throw new SourceError(place, `holds a byte that is not ${name}: does the file have another encoding?`);
    }
    // Counted before the consumer changes the bytes.
    const lines = countLineBreaks(bytes);
    const isMarked = line === 1 && bytes.indexOf(byteOrderMark) === 0;
    yield { bytes: isMarked ? bytes.subarray(byteOrderMark.length) : bytes, line, flaw };
    line += lines;
  }
}

// Not `fatal`, which would not tell where the invalid byte is: it becomes a replacement character.
async function* toUtf8(chunks: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding);
  const suspicion = new Utf8Suspicion(encoding);
  for await (const chunk of chunks) {
    suspicion.add(chunk);
    if (suspicion.isMarked) break;
    yield Buffer.from(decoder.decode(chunk, { stream: true }));
  }
  if (suspicion.isConfirmed())
    throw new SourceError("its encoding", `is declared ${encoding}, but ${isUtf8File}`);
  yield Buffer.from(decoder.decode());
}

async function* wholeRows(chunks: AsyncIterable<Buffer>): AsyncGenerator<{ bytes: Buffer; flaw?: string }> {
  let waiting: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    waiting.push(chunk);
    size += chunk.length;
    if (size < minBlockBytes) continue;
    const bytes = Buffer.concat(waiting);
    const end = lastRowEnd(bytes);
    if (end > 0) yield { bytes: bytes.subarray(0, end) };
    waiting = [bytes.subarray(end)];
    size = bytes.length - end;
    if (size > maxRowBytes) break;
  }
  const bytes = Buffer.concat(waiting);
  const end = lastRowEnd(bytes);
  if (end > 0) yield { bytes: bytes.subarray(0, end) };
  if (end < bytes.length) {
    yield { bytes: bytes.subarray(end), flaw: size > maxRowBytes ? tooLong : noLineBreak };
  }
}

/** Where the last whole row ends. A doubled quote closes and reopens the value, so it needs no case of its own. */
function lastRowEnd(bytes: Buffer): number {
  if (!bytes.includes(quote)) return bytes.lastIndexOf(lineBreak) + 1;
  let isQuoted = false;
  let end = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === quote) isQuoted = !isQuoted;
    else if (bytes[at] === lineBreak && !isQuoted) end = at + 1;
  }
  return end;
}

function linesBeforeUndecodable(bytes: Buffer, isDecodable: (bytes: Buffer) => boolean): number {
  let lines = 0;
  let start = 0;
  let end = bytes.indexOf(lineBreak) + 1;
  while (end > 0 && isDecodable(bytes.subarray(start, end))) {
    lines++;
    start = end;
    end = bytes.indexOf(lineBreak, start) + 1;
  }
  return lines;
}

function countLineBreaks(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(lineBreak); at >= 0; at = bytes.indexOf(lineBreak, at + 1)) count++;
  return count;
}
