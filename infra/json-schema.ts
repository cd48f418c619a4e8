import * as z from "zod";
import { fieldsSchema } from "./config.ts";

type Schema = z.core.JSONSchema.BaseSchema;

/** The configuration's JSON Schema, for editors. It knows the fields, but not how they have to fit together. */
export function configurationJsonSchema(): string {
  // The draft that every editor knows. What it cannot express, such as a custom rule, is left to check-config.
  const schema = z.toJSONSchema(fieldsSchema, { target: "draft-7", io: "input", unrepresentable: "any" });
  const { lists, defaults: _, ...properties } = schema.properties as Record<string, Schema>;
  const { additionalProperties: list, ...others } = lists as Schema & { additionalProperties: Schema };
  const shared = { ...schema, title: "newsletter-sync", definitions: { list: partOf(list) } };
  const part = { $ref: "#/definitions/list" };
  const withParts = { ...properties, defaults: part, lists: { ...others, additionalProperties: part } };
  return `${JSON.stringify({ ...shared, properties: withParts }, null, 2)}\n`;
}

/**
 * What a list may say, or the defaults: any part of it, as the rest may stand in the other. `null` takes a default back.
 *
 * @param isField whether it is a field of a list
 */
function partOf(schema: Schema, isField = false): Schema {
  const { required: _, default: __, oneOf, properties, ...rest } = schema;
  const part: Schema = {
    ...rest,
    // Without its mandatory fields, a block may be of several kinds.
    ...(oneOf && { anyOf: oneOf.map((kind) => partOf(kind as Schema)) }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, field]) => [name, partOf(field as Schema, true)]),
      ),
    }),
  };
  return isField ? { anyOf: [part, { type: "null" }] } : part;
}
