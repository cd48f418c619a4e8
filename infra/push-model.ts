import * as z from "zod";
import { otherFields, pushMessageSchema } from "../functions/push-changes/push-message.ts";

/**
 * The JSON Schema of what a website may send, which the API holds each request against: so who sends it hears at once what
 * can never be right. The function reads messages by the same schema.
 *
 * @param lists the names of the deployed lists
 */
export function pushModel(lists: readonly string[]): object {
  // The draft that API Gateway knows.
  const { anyOf = [], ...schema } = z.toJSONSchema(pushMessageSchema, { target: "draft-4", io: "input" });
  const named = anyOf.map(({ properties, additionalProperties, ...kind }) => ({
    ...kind,
    properties: { ...properties, list: { type: "string", enum: [...lists] } },
    ...(additionalProperties && { patternProperties: { [otherFields.source]: additionalProperties } }),
    additionalProperties: false,
  }));
  return { ...schema, title: "Push", anyOf: named };
}
