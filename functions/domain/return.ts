import * as z from "zod";
import { toldCauseSchema } from "./subscriber.ts";

/** What a return tells the database of an address. */
export const returnKinds = ["unsubscribed", "bounced", "subscribed", "updated"] as const;
export type ReturnKind = (typeof returnKinds)[number];

/** What the provider knows of one address and the database does not: a row of a plan for the other direction. */
export const returnSchema = z.strictObject({
  kind: z.literal("return"),
  tells: z.enum(returnKinds),
  /** Canonical: equal for all spellings of an address. */
  address: z.string(),
  /** As the source spells it, else as the provider does; in one of its spellings where the provider has several. */
  email: z.string(),
  reason: z.string(),
  /** Only of who was unsubscribed or bounced. */
  cause: toldCauseSchema.optional(),
  /** When it changed at the provider, ISO 8601; absent when the provider does not say. */
  changedAt: z.iso.datetime().optional(),
  guid: z.string().optional(),
  /** The provider's values: of the fields that it owns, or all of a new subscriber's; "" is no value. */
  fields: z.record(z.string(), z.string()).optional(),
});
export type Return = z.infer<typeof returnSchema>;
