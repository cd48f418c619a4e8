import * as z from "zod";
import { fieldsSchema } from "./config.ts";

/** The configuration's JSON Schema, for editors. It knows the fields, but not how they have to fit together. */
export function configurationJsonSchema(): string {
  // The draft that every editor knows. What it cannot express, such as a custom rule, is left to check-config.
  const schema = z.toJSONSchema(fieldsSchema, { target: "draft-7", io: "input", unrepresentable: "any" });
  return `${JSON.stringify({ ...schema, title: "newsletter-sync" }, null, 2)}\n`;
}
