import type * as z from "zod";

type Issue = z.core.$ZodIssue;
type Block = Readonly<Record<string, unknown>>;

/** The field of a configuration from which every list takes what it does not say itself. */
const defaultsField = "defaults";

/**
 * Gives every list the defaults that it does not overrule, block by block: what is in a block of both is merged. A block
 * whose `kind` is another one has other fields, so it replaces the default. `null` takes a default back.
 *
 * @param json a configuration, which may be wrong in any way
 */
export function withListDefaults(json: unknown): unknown {
  if (!isBlock(json)) return json;
  const { [defaultsField]: defaults, lists } = json;
  if (!isBlock(defaults) || !isBlock(lists)) return json;
  const merged = Object.entries(lists).map(([name, list]) => [
    name,
    isBlock(list) ? merge(defaults, list) : list,
  ]);
  return { ...json, lists: Object.fromEntries(merged) };
}

/** An issue of a list, at the field of the defaults from which the list has it; any other as it is. */
export function atItsOrigin(issue: Issue, json: unknown): Issue {
  const [field, list, ...rest] = issue.path;
  if (field !== "lists" || list === undefined || !isBlock(json)) return issue;
  const places = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...rest, key]) : [rest];
  const isInherited = places.every(
    (place) => place.length > 0 && has(json[defaultsField], place) && !has(json, ["lists", list, ...place]),
  );
  if (!isInherited) return issue;
  const message = issue.code === "custom" ? `${issue.message} (in lists.${String(list)})` : issue.message;
  return { ...issue, message, path: [defaultsField, ...rest] };
}

function merge(defaults: Block, own: Block): Block {
  if ("kind" in own && own["kind"] !== defaults["kind"]) return own;
  const fields = new Set([...Object.keys(defaults), ...Object.keys(own)]);
  return Object.fromEntries(
    Array.from(fields, (field): [string, unknown] => [field, mergeField(defaults[field], own[field])]).filter(
      ([, value]) => value !== null && value !== undefined,
    ),
  );
}

function mergeField(standard: unknown, own: unknown): unknown {
  if (own === undefined) return standard;
  return isBlock(standard) && isBlock(own) ? merge(standard, own) : own;
}

function has(json: unknown, path: readonly PropertyKey[]): boolean {
  const [field, ...rest] = path;
  if (field === undefined) return true;
  return isBlock(json) && Object.hasOwn(json, field) && has(json[String(field)], rest);
}

function isBlock(value: unknown): value is Block {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
