import type * as z from "zod";

type RawIssue = z.core.$ZodRawIssue;
type Shape = Readonly<Record<string, z.core.$ZodType>>;

/**
 * For `safeParse`: an unknown field is told with those that are known there, and the one that it resembles or the place
 * where it belongs; a missing field is called missing.
 */
export const tellKnownFields = {
  error: (issue: RawIssue): string | undefined => {
    if (issue.code === "invalid_type" && issue.input === undefined)
      return `missing, expected ${issue.expected}`;
    const shape = issue.code === "unrecognized_keys" ? shapeOf(issue.inst) : undefined;
    if (issue.code !== "unrecognized_keys" || shape === undefined) return undefined;
    const unknown = issue.keys.map((key) => describeUnknown(key, shape));
    return `${unknown.join(", ")}: the fields are ${Object.keys(shape).join(", ")}`;
  },
};

/** Names the field and what was expected there, never the value received, which may be an address or a secret. */
export function describeIssue(issue: z.core.$ZodIssue): string {
  const message = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return issue.path.length === 0 ? message : `${issue.path.join(".")}: ${message}`;
}

function describeUnknown(key: string, shape: Shape): string {
  // What is no name may be a value, and an address.
  if (!/^[\w-]{1,40}$/.test(key)) return "unknown field whose name is not shown";
  const known = Object.keys(shape);
  const nearest = nearestTo(key, known);
  if (nearest !== undefined) return `unknown field "${key}" (did you mean "${nearest}"?)`;
  const owners = known.filter((name) => Object.hasOwn(shapeOf(shape[name]) ?? {}, key));
  const place = owners.map((owner) => `"${owner}"`).join(" or ");
  return `unknown field "${key}"${place && ` (it belongs in ${place})`}`;
}

/** The fields of an object, which may be optional or have a default. */
function shapeOf(schema: { readonly _zod: { readonly def: object } } | undefined): Shape | undefined {
  const definition: { shape?: Shape; innerType?: z.core.$ZodType } | undefined = schema?._zod.def;
  return definition?.shape ?? (definition?.innerType && shapeOf(definition.innerType));
}

/** The name that was meant, if at most a third of the letters are wrong. */
function nearestTo(key: string, known: readonly string[]): string | undefined {
  const [nearest] = known
    .map((name) => ({ name, distance: distanceOf(key.toLowerCase(), name.toLowerCase()) }))
    .filter(({ distance }) => distance <= key.length / 3)
    .toSorted((one, other) => one.distance - other.distance);
  return nearest?.name;
}

/** How many letters have to be changed, added, removed or swapped with the next one. */
function distanceOf(one: string, other: string): number {
  let older: number[] = [];
  let previous = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const current = [i];
    for (let j = 1; j <= other.length; j++) {
      const change = previous[j - 1]! + (one[i - 1] === other[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      const swap = isSwap ? older[j - 2]! + 1 : Number.POSITIVE_INFINITY;
      current.push(Math.min(change, swap, previous[j]! + 1, current[j - 1]! + 1));
    }
    older = previous;
    previous = current;
  }
  return previous[other.length]!;
}
