import { isUtf8 } from "node:buffer";
import { SourceError } from "../../domain/errors.ts";

/** Some rows of a CSV file, as text. */
export interface CsvBlock {
  readonly text: string;
  /** The line of the file, from 1, on which the text begins. */
  readonly line: number;
  /** Why this is no whole row, which then is the last block. */
  readonly flaw: string | undefined;
}

const blockBytes = 1 << 16;
const maxRowBytes = 1 << 20;
const tooLong = `a row of more than ${maxRowBytes} bytes begins here`;
const noLineBreak =
  "the last line has no line break at its end, so its row may be cut short. If it is whole, end it with one";
const quote = 0x22;
const lineBreak = 0x0a;
const replacementCharacter = "\ufffd";

/**
 * Cuts a file between rows, into blocks of about 256 kB.
 *
 * @throws SourceError naming the line of a byte that is not of the encoding, a WHATWG label
 */
export async function* csvBlocks(chunks: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<CsvBlock> {
  const { encoding: name } = new TextDecoder(encoding);
  const isDecodable = name === "utf-8" ? isUtf8 : (bytes: Buffer) => !bytes.includes(replacementCharacter);
  let line = 1;
  for await (const { bytes, flaw } of wholeRows(name === "utf-8" ? chunks : toUtf8(chunks, name))) {
    // A row that is too long was cut anywhere, maybe within a character.
    if (flaw !== tooLong && !isDecodable(bytes)) {
      const place = `line ${line + linesBeforeUndecodable(bytes, isDecodable)}`;
      throw new SourceError(place, `holds a byte that is not ${name}: does the file have another encoding?`);
    }
    const text = bytes.toString();
    yield { text: line === 1 ? text.replace(/^\ufeff/, "") : text, line, flaw };
    line += countLineBreaks(bytes);
  }
}

// Not `fatal`, as that would not tell where: what can not be decoded becomes a replacement character.
async function* toUtf8(chunks: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of chunks) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  yield Buffer.from(decoder.decode());
}

async function* wholeRows(chunks: AsyncIterable<Buffer>): AsyncGenerator<{ bytes: Buffer; flaw?: string }> {
  let waiting: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    waiting.push(chunk);
    size += chunk.length;
    if (size < blockBytes) continue;
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

/** Where the last row ends: a quote that is doubled closes and opens again, so it need not be told apart. */
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
