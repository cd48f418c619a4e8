import { gzipSync } from "node:zlib";
import { utf16be, utf16le } from "./csv-cases.ts";

const latin1 = (text: string) => Buffer.from(text, "latin1");
const wordsOfEncoding = /holds a byte that is not (utf-8|utf-16le)/;
const cut = /the last line has no line break at its end/;
const outOfPlace = /a quote is out of place in this row/;
const isUtf8File =
  /its encoding: is declared (windows-1252|iso-8859-15), but the file is valid UTF-8: set "encoding"/;
const nameless = /source, its columns: none of the \d+ is named email$/;

/** What is wrong with a file, and where: what the error's message has to say. */
export const refused: readonly (readonly [
  name: string,
  content: string | Uint8Array,
  message: RegExp,
  encoding?: string,
])[] = [
  ["one quote", '"', /line 1: a quote is opened in this row and not closed/],
  ["a header whose quote is not closed", 'email,"data_a\na@x.fr,1\n', /line 1: a quote is opened/],
  ["a header without a line break", "email,data_a", /line 1: the last line has no line break/],
  ["a byte order mark alone", "\ufeff", cut],
  ["one NUL", "\0", cut],
  ["CR for a line break", "email,data_a\ra@x.fr,1\rb@x.fr,2\r", /line 1: the last line has no line break/],
  ["CR for a line break, and LF at the end", "email,data_a\ra@x.fr,1\rb@x.fr,2\n", /column \d/],
  ["a header that lost its line break", "email,guida@x.fr,1\nb@x.fr,2,c\n", /column \d/],
  ["a header of fields that did", "email,data_aa@x.fr\nb@x.fr,2\n", /column 2: its name is not one of/],
  ["a space before a quote", 'email,data_a\na@x.fr, "1"\n', outOfPlace],
  ["a space after a quote", 'email,data_a\na@x.fr,"1" \n', outOfPlace],
  ["a quote behind a backslash", 'email,data_a\na@x.fr,"x\\"y"\n', outOfPlace],
  [
    "quotes of another kind of CSV",
    'email,data_a\na@x.fr,5" pipe\nb@x.fr,6" pipe\n',
    /line 2: a quote is out of place/,
  ],
  ["a quote at a value's end", 'email,data_a\na@x.fr,1\nb@x.fr,2"\n', /line 3: a quote is out of place/],
  [
    "a quote not closed after many rows",
    `email,data_a\n${'"a@x.fr",1\n'.repeat(20_000)}"a@x.fr,1\n`,
    /line 20002: a quote is opened/,
  ],
  [
    "a ragged row after one of many lines",
    'email,data_a\na@x.fr,"1\n\n\r\n2"\nb@x.fr\n',
    /line 6: has 1 columns, but the header has 2/,
  ],
  [
    "a ragged row after many rows",
    `email,data_a\n${"a@x.fr,1\n".repeat(20_000)}a@x.fr,1,\n`,
    /line 20002: has 3 columns/,
  ],
  [
    "a delimiter too many in each row",
    "email,data_a\na@x.fr,1,\nb@x.fr,2,\n",
    /line 2: has 3 columns, but the header has 2/,
  ],
  ["a delimiter too many in each line", "email,data_a,\na@x.fr,1,\n", /column 3: has no name/],
  ["another delimiter than the header's", "email,data_a\na@x.fr;1\n", /line 2: has 1 columns/],
  ["a delimiter that is not guessed", "email|data_a\na@x.fr|1\n", nameless],
  [
    "a spreadsheet's line of its delimiter",
    "sep=;\nemail;data_a\na@x.fr;1\n",
    /its columns: none|line 2: has 2 columns/,
  ],
  ["a comment before the header", "# readers\nemail\na@x.fr\n", nameless],
  ["an address for a header", "a@x.fr\nb@x.fr\n", nameless],
  ["a header that is blank", " \na@x.fr\n", nameless],
  ["a name twice, in two spellings", "email, EMAIL\na@x.fr,b@x.fr\n", /column 2: "email" occurs twice/],
  ["a name that is blank", "email, \na@x.fr,1\n", /column 2: has no name/],
  ["a name of no field", "email,firstname\na@x.fr,1\n", /column 2: its name is not one of/],
  ["Ctrl-Z at its end", "email,data_a\na@x.fr,1\n\u001a", /line 3: the last line has no line break/],
  ["NULs at its end", "email,data_a\na@x.fr,1\n\0\0\0\0", /line 3: the last line has no line break/],
  [
    "half a character at its end",
    Buffer.from([...Buffer.from("email\na@x.fr\n"), 0xc3]),
    /line 3: holds a byte that is not utf-8/,
  ],
  ["an overlong NUL", latin1("email\na@x.fr\n\xc0\x80@x.fr\n"), /line 3: holds a byte that is not utf-8/],
  [
    "a surrogate in UTF-8",
    latin1("email\na@x.fr\n\xed\xa0\x80@x.fr\n"),
    /line 3: holds a byte that is not utf-8/,
  ],
  [
    "Latin-1 for UTF-8",
    latin1("email,data_a\na@x.fr,1\nb@x.fr,Zo\xe9\n"),
    /line 3: holds a byte that is not utf-8/,
  ],
  ["UTF-16 for UTF-8", utf16le("email\na@x.fr\n"), nameless],
  ["marked UTF-16 for UTF-8", utf16le("\ufeffemail\na@x.fr\n"), /line 1: holds a byte that is not utf-8/],
  ["UTF-8 for UTF-16", "email\na@x.fr\n", /line 1: (holds a byte|the last line)/, "utf-16le"],
  ["marked UTF-8 for windows-1252", "\ufeffemail\na@x.fr\n", isUtf8File, "windows-1252"],
  ["UTF-8 for windows-1252", "email,data_a\na@x.fr,Zoé\n", isUtf8File, "windows-1252"],
  ["UTF-8 for Latin-9", `email,data_a\n${"a@x.fr,«1»\n".repeat(2)}`, isUtf8File, "iso-8859-15"],
  [
    "UTF-8 for KOI8-R, in many rows",
    `email,data_a\n${"a@x.fr,Анна\n".repeat(50_000)}`,
    /its encoding: is declared koi8-r/,
    "koi8-r",
  ],
  ["UTF-16 of the other byte order", utf16be("\ufeffemail\na@x.fr\n"), cut, "utf-16le"],
  [
    "half a unit of UTF-16 at its end",
    utf16le("email\na@x.fr\nb").subarray(0, -1),
    wordsOfEncoding,
    "utf-16le",
  ],
  [
    "UTF-16 without its last half line break",
    utf16le("email\na@x.fr\n").subarray(0, -1),
    /line 2: holds a byte/,
    "utf-16le",
  ],
  ["a gzipped file", gzipSync("email\na@x.fr\n"), /line 1: holds a byte that is not utf-8/],
  ["a spreadsheet", latin1("PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0\n\n"), nameless],
  ["a web page", "<!doctype html>\n<p>a@x.fr</p>\n", nameless],
  ["JSON", '[{"email": "a@x.fr"}]\n', /line 1: a quote is out of place/],
  ["nothing but line breaks", "\n".repeat(300_000), /holds no rows, not even a header$/],
  ["nothing but quotes", '"'.repeat(3_000_001), /line 1: /],
  ["nothing but delimiters", `${",".repeat(100_000)}\n`, nameless],
];
