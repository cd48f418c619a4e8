import { fc } from "@fast-check/vitest";

/** Delimiters, quotes, line breaks, and what may be taken for them. */
const signs = fc.constantFrom(
  '"',
  '""',
  ",",
  ";",
  "\t",
  "\n",
  "\r\n",
  "\r",
  "\\",
  "'",
  " ",
  "\0",
  "\ufeff",
  "\u2028",
  "@",
  "=",
  "é",
  "😀",
);
const value = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: fc.oneof(signs, fc.string({ unit: "binary", maxLength: 3 })) }) },
  { weight: 2, arbitrary: fc.string({ unit: "binary" }) },
  { weight: 1, arbitrary: fc.tuple(signs, fc.nat(3000)).map(([sign, times]) => sign.repeat(times)) },
);

/** Rows of one width, two values or more: a row of one empty value cannot be told from an empty line. */
const rows = fc.integer({ min: 2, max: 5 }).chain((width) =>
  fc.array(fc.array(value, { minLength: width, maxLength: width }), {
    minLength: 1,
    maxLength: 200,
    size: "max",
  }),
);

interface Dialect {
  readonly delimiter: string;
  readonly lineBreak: string;
  /** Whether values are quoted that need not be. */
  readonly quotesAll: boolean;
}

const dialect = fc.record<Dialect>({
  delimiter: fc.constantFrom(",", ";", "\t"),
  lineBreak: fc.constantFrom("\n", "\r\n"),
  quotesAll: fc.boolean(),
});

/** Writes a row by RFC 4180. */
function rowText(values: readonly string[], { delimiter, lineBreak, quotesAll }: Dialect): string {
  const isPlain = (text: string) =>
    !quotesAll && ![delimiter, '"', "\r", "\n"].some((sign) => text.includes(sign));
  const quoted = (text: string) => `"${text.split('"').join('""')}"`;
  return values.map((text) => (isPlain(text) ? text : quoted(text))).join(delimiter) + lineBreak;
}

/** A table, the header first, and each of its rows as a file has it. */
export const table = fc.tuple(rows, dialect).map(([rows, dialect]) => {
  const header = rows[0]!.map((_, column) => `data_${column}`);
  const values = [header, ...rows];
  return { values, texts: values.map((row) => rowText(row, dialect)) };
});

const reader = fc
  .tuple(fc.nat(999), fc.constantFrom("", "1", "no", "Zoé", 'say "so"', "two\nlines", "a,b;c"))
  .map(([number, word]) => [`reader${number}@example.fr`, word, `guid-${number}`]);

/** A file of readers, whose every address matches `anyAddress`. */
export const readersFile = fc
  .tuple(fc.array(reader, { minLength: 1, maxLength: 30 }), dialect)
  .map(([rows, dialect]) =>
    [["email", "data_word", "guid"], ...rows].map((row) => rowText(row, dialect)).join(""),
  );
export const anyAddress = /reader\d+@|@example/;

/** Text in an encoding, with or without a byte order mark. */
export const encodings: Readonly<Record<string, (text: string) => Buffer>> = {
  "utf-8": (text) => Buffer.from(text),
  UTF8: (text) => Buffer.from(`\ufeff${text}`),
  "utf-16le": (text) => Buffer.from(text, "utf16le"),
  "utf-16": (text) => Buffer.from(`\ufeff${text}`, "utf16le"),
  "utf-16be": (text) => Buffer.from(`\ufeff${text}`, "utf16le").swap16(),
};
