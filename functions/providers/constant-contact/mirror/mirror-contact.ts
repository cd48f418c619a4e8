import * as z from "zod";
import { type Contact, permissions } from "../contact.ts";

const departureSchema = z.object({
  /** When it was noticed, in ms since the epoch. */
  at: z.number(),
  /** The reader, a run of ours with this cause, or the deletion of the contact, which takes it off all lists. */
  by: z.enum(["READER", "PUBLISHER", "DELETION"]),
});
export type Departure = z.infer<typeof departureSchema>;

/** A contact as the provider showed it, the form in which readings are stored. */
export const contactSchema = z.object({
  id: z.string(),
  email: z.string().optional(),
  permission: z.enum([...permissions, "unknown"]),
  optOutSource: z.enum(["Contact", "Account"]).optional(),
  optedOutAt: z.number().optional(),
  optedInAt: z.number().optional(),
  createdAt: z.number(),
  updatedAt: z.number(),
  byReaderAt: z.number().optional(),
  deletedAt: z.number().optional(),
  lists: z.array(z.string()),
  fields: z.record(z.string(), z.string()),
}) satisfies z.ZodType<Contact>;

/** The same with what all readings together tell of it. */
export const mirrorContactSchema = contactSchema.extend({
  /** When the reading that shows it so had ended. */
  seenAt: z.number(),
  /** By list: how it left. Of a list that it is still on: that a run of ours is removing it. */
  left: z.record(z.string(), departureSchema).optional(),
  /** By list: the earliest that it can have joined, if that was after it was first seen. */
  joined: z.record(z.string(), z.number()).optional(),
  /** By list: when a run of ours had put it there, as long as the provider's index may not show that yet. */
  added: z.record(z.string(), z.number()).optional(),
});

export interface MirrorContact extends Contact {
  readonly seenAt: number;
  readonly left?: Readonly<Record<string, Departure>> | undefined;
  readonly joined?: Readonly<Record<string, number>> | undefined;
  readonly added?: Readonly<Record<string, number>> | undefined;
}
