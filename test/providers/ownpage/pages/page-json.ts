import { fc } from "@fast-check/vitest";

/** JSON's whitespace. */
const space = fc.stringMatching(/^[ \t\n\r]{0,2}$/);
const instants = [
  "2026-01-01T00:00:00.000Z",
  "2026-01-01T00:00:00Z",
  "2025-12-31T23:59:59.999Z",
  "2025-12-31T23:30:00-01:00",
  "2026-01-01T00:30:00+02:00",
  "2026-01-01 00:00:00",
  "2026-01-01 01:00:00",
  "2025-12-31",
  "2026-01-02",
  "2018-02-15T23:51:51.000Z",
  "2018-02-30T00:00:00Z",
  "0999-01-01T00:00:00Z",
  "9999-12-31T23:59:59Z",
  "15/02/2018",
  "soon",
  "",
];
const emails = fc.oneof(
  fc.constantFrom("ana@x.fr", "Ana@X.fr", " ana@x.fr ", "zoé@bücher.fr", "ana+1@x.fr", "a\u007f@x.fr", ""),
  fc.emailAddress(),
  fc.string({ unit: "binary" }),
);
const texts = fc.oneof(
  fc.constantFrom("", "Zoé", 'a "b" \\ c', "line\nbreak", "\ud800"),
  fc.string({ unit: "binary" }),
);
const causes = fc.constantFrom(
  "READER",
  "PUBLISHER",
  "HARD_BOUNCE",
  "MULTIPLE_BOUNCES",
  "COMPLAINT",
  "reader",
  "",
);
const numbers = fc.oneof(
  fc.integer().map(String),
  fc.constantFrom("0", "-0", "1.50", "1e3", "-2.5E-7", "12345678901234567890", "1e999"),
);
/** Numbers that JSON does not allow. */
const badNumbers = fc.constantFrom("01", "1.", ".5", "+1", "1e", "--1", "NaN");

/** A string's JSON: as JSON.stringify writes it, or with every character, or every one beyond ASCII, escaped. */
const stringJson = (text: string) =>
  fc
    .constantFrom(/[\s\S]/g, /[^\x20-\x7e]|["\\]/g, undefined)
    .map((escaped) =>
      escaped === undefined
        ? JSON.stringify(text)
        : `"${text.replace(escaped, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)}"`,
    );
const jsonOf = (text: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 4, arbitrary: text.map((value) => JSON.stringify(value)) }, text.chain(stringJson));

const nothing = fc.constant("null");
const literals = fc.constantFrom("true", "false");
const anything = fc.oneof(
  { weight: 6, arbitrary: jsonOf(texts) },
  { weight: 3, arbitrary: numbers },
  { weight: 2, arbitrary: literals },
  nothing,
);
const instantJson = fc.oneof(
  { weight: 8, arbitrary: jsonOf(fc.constantFrom(...instants)) },
  numbers,
  nothing,
  literals,
);

const field = (name: string, value: fc.Arbitrary<string>) => value.map((json) => [name, json] as const);
const known = {
  email: field("email", fc.oneof({ weight: 20, arbitrary: jsonOf(emails) }, nothing, numbers, literals)),
  subscribed: field(
    "subscribed",
    fc.oneof({ weight: 9, arbitrary: literals }, fc.constant('"true"'), anything),
  ),
  subscribedAt: field("subscribed_at", instantJson),
  unsubscribedAt: field("unsubscribed_at", instantJson),
  cause: field("unsubscribed_cause", fc.oneof({ weight: 9, arbitrary: jsonOf(causes) }, anything)),
  guid: field("guid", anything),
  firstname: field("data_firstname", anything),
  lastname: field("data_lastname", anything),
};
const odd = fc.oneof(
  fc.tuple(fc.constantFrom("send_count", "data_", "guid2", "__proto__", "constructor", ""), anything),
  fc.tuple(fc.string(), anything),
  fc.tuple(fc.constantFrom("tags", "data_firstname"), fc.json()),
  fc.tuple(fc.constantFrom("guid", "open_count"), badNumbers),
);

/** Rows as lists of a name and its value's JSON, in any order; a name may come more than once. Some are no objects. */
const oddRow = fc.oneof(
  {
    weight: 20,
    arbitrary: fc
      .tuple(known.email, fc.array(fc.oneof(...Object.values(known), odd), { maxLength: 10 }))
      .chain(([email, others]) => fc.shuffledSubarray([email, ...others], { minLength: others.length })),
  },
  anything,
  fc.json(),
);

/** Rows as the provider writes them: all in one order, and with nothing that the scanner leaves to JSON.parse. */
const plainInstant = jsonOf(fc.constantFrom(...instants));
const plainRow = fc
  .tuple(
    field(
      "email",
      fc.oneof({ weight: 20, arbitrary: jsonOf(fc.emailAddress()) }, nothing, numbers, literals),
    ),
    fc.option(field("guid", fc.oneof(jsonOf(texts), numbers)), { nil: undefined }),
    fc.option(field("subscribed", fc.oneof(literals, fc.constantFrom('"true"', '"false"', "null"))), {
      nil: undefined,
    }),
    fc.option(field("subscribed_at", plainInstant), { nil: undefined }),
    fc.option(field("unsubscribed_at", plainInstant), { nil: undefined }),
    fc.option(field("unsubscribed_cause", jsonOf(causes)), { nil: undefined }),
    fc.option(field("data_firstname", anything), { nil: undefined }),
    field("send_count", numbers),
  )
  .map((fields) => fields.filter((field) => field !== undefined));

type Row = readonly (readonly [string, string])[] | string;

function pageOf(row: fc.Arbitrary<Row>): fc.Arbitrary<string> {
  return fc
    .tuple(fc.array(row, { maxLength: 5 }), fc.array(space, { minLength: 1, maxLength: 7 }))
    .map(([rows, spaces]) => {
      let written = 0;
      const gap = () => spaces[written++ % spaces.length]!;
      const object = (fields: Row) =>
        typeof fields === "string"
          ? fields
          : `{${fields.map(([name, json]) => `${gap()}${JSON.stringify(name)}${gap()}:${gap()}${json}${gap()}`).join(",")}}`;
      return `${gap()}[${rows.map((fields) => `${gap()}${object(fields)}${gap()}`).join(",")}]${gap()}`;
    });
}

export const plainPage = pageOf(plainRow);
export const oddPage = pageOf(oddRow);

/** A page with some bytes cut off, changed or inserted. */
export const brokenPage = fc
  .tuple(
    fc.oneof(plainPage, oddPage),
    fc.nat(),
    fc.nat(8),
    fc.oneof(
      fc.uint8Array({ maxLength: 3 }),
      fc.constantFrom(...'[]{},:"\\ e0'.split("")).map((byte) => Buffer.from(byte)),
      fc.constant(undefined),
    ),
  )
  .map(([page, place, removed, added]) => {
    const bytes = Buffer.from(page);
    const at = place % (bytes.length + 1);
    return added === undefined
      ? bytes.subarray(0, at)
      : Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)]);
  });
