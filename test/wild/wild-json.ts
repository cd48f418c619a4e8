import { fc } from "@fast-check/vitest";

/** Arrays and objects, nested alternately. */
export function nestedJson(depth: number): string {
  return `${'[{"a":'.repeat(depth / 2)}1${"}]".repeat(depth / 2)}`;
}

const names = [
  ..."email guid subscribed subscribed_at unsubscribed_at unsubscribed_cause data_firstname data_".split(" "),
  ..."__proto__ constructor toJSON \ud800 reader9@example.fr".split(" "),
  "",
];
/** A name in JSON, possibly with a letter escaped, which is the same name. */
const nameJson = fc.tuple(fc.constantFrom(...names), fc.boolean()).map(([name, isEscaped]) => {
  const json = JSON.stringify(name);
  return isEscaped ? json.replace(/[a-z]/, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`) : json;
});

const valueJson = fc.oneof(
  { weight: 3, arbitrary: fc.json({ maxDepth: 2 }) },
  fc.constantFrom(
    "true",
    "false",
    "null",
    '"true"',
    '"FALSE"',
    '""',
    "0",
    "-0",
    "1e400",
    "-1E-400",
    "1.50",
    "[]",
    "{}",
  ),
  fc.constantFrom(
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\\u0000"',
    '"a\\u200b@x.fr"',
    '"\\/\\b\\f"',
    '"reader9@example.fr"',
  ),
  fc.constantFrom(
    '"2026-01-01"',
    '"2026-03-29 02:30:00"',
    '"2026-10-25 02:30"',
    '"9999-12-31T23:59:59.999-23:59"',
    "1e300",
  ),
  fc.nat(40).map((digits) => `9${"0".repeat(digits)}`),
  fc.nat(60).map((depth) => nestedJson(2 * depth)),
);

export const wildField = fc.tuple(nameJson, valueJson).map(([name, value]) => `${name}:${value}`);

/** JSON of a page whose rows hold any value under any name, even a repeated one. */
export const wildPage = fc
  .array(fc.tuple(fc.array(wildField, { maxLength: 6 }), fc.boolean()), { maxLength: 4 })
  .map((rows) => {
    const email = '"email":"ana@x.fr"';
    const objects = rows.map(([fields, isLast]) => {
      return `{${(isLast ? [...fields, email] : [email, ...fields]).join()}}`;
    });
    return `[${objects.join(" ,\n")}]`;
  });
