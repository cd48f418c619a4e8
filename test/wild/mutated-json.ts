import { fc } from "@fast-check/vitest";

type Path = readonly (string | number)[];
type Change = (value: unknown) => unknown;

/** Texts that no message may show. */
export const confidential = /jane|hunter2/;
const secrets = [
  "jane.doe@example.fr",
  "hunter2-hunter2",
  "postgres://jane:hunter2@db/x",
  "jane@example.fr\n  x: y",
];

const names = [
  ..."extra id list mode apply date from to events dryRun limits import secret".split(" "),
  ..."constructor toString hasOwnProperty length then toJSON 0 -1 Daily".split(" "),
  "",
  "x".repeat(50),
];
const texts = "0 true null daily plan nl_click 2026-02-30 2000-01-01 __proto__ constructor \0 \ud800".split(
  " ",
);
const scalar = fc.oneof(
  fc.constantFrom(...secrets),
  fc.constantFrom<unknown>(null, true, false, 0, 1, -1, 0.1, 2 ** 53, 1e21, 1e308, Number.MIN_VALUE),
  fc.constantFrom("", " ", ...texts),
  fc.string({ unit: "binary" }),
);
const name = fc.constantFrom(...names);
const junk = fc.oneof(
  { weight: 6, arbitrary: scalar },
  fc.array(scalar, { maxLength: 3 }),
  fc.dictionary(name, scalar, { maxKeys: 3, noNullPrototype: true }),
  fc.constant([[[{ a: {} }]]]),
);

const change = fc.oneof<fc.Arbitrary<Change>[]>(
  fc.constant<Change>(() => undefined),
  junk.map((value) => () => value),
  fc.tuple(name, junk).map(
    ([name, value]) =>
      (whole) =>
        withField(whole, name, value),
  ),
);

/** A JSON value in which some parts were removed or replaced, or got another field. */
export function mutatedJson(good: object): fc.Arbitrary<unknown> {
  const changes = fc.array(fc.tuple(fc.nat(), change), { minLength: 1, maxLength: 3 });
  return changes.map((list) => {
    const value = list.reduce<unknown>((whole, [place, change]) => {
      const paths = pathsOf(whole);
      return changedAt(whole, paths[place % paths.length]!, change);
    }, good);
    return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
  });
}

/** A copy with one more field, even one named `__proto__`; a value that is not an object stays the same. */
export function withField(whole: unknown, name: string, value: unknown): unknown {
  if (Array.isArray(whole)) return [...whole, value];
  return isObject(whole) ? Object.fromEntries([...Object.entries(whole), [name, value]]) : whole;
}

export function changedAt(whole: unknown, [step, ...rest]: Path, change: Change): unknown {
  if (step === undefined) return change(whole);
  const entries = Object.entries(whole as object)
    .map(([name, value]) => [name, name === String(step) ? changedAt(value, rest, change) : value] as const)
    .filter(([, value]) => value !== undefined);
  return Array.isArray(whole) ? entries.map(([, value]) => value) : Object.fromEntries(entries);
}

/** The paths of a value and of all values within it. */
export function pathsOf(value: unknown): Path[] {
  const below = isObject(value) ? Object.entries(value) : [];
  return [[], ...below.flatMap(([name, part]) => pathsOf(part).map((path) => [name, ...path]))];
}

/** Whether a problem starts with a field that the value has, or whose parent it has: `lists.daily.id: …`. */
export function isPlacedIn(value: unknown, problem: string): boolean {
  const place = problem.slice(0, Math.max(0, problem.indexOf(": ")));
  const places = pathsOf(value).map((path) => path.join("."));
  return (
    place !== "" &&
    [place, place.slice(0, Math.max(0, place.lastIndexOf(".")))].some((at) => places.includes(at))
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
