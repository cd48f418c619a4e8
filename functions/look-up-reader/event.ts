import * as z from "zod";
import { listNameSchema } from "../configuration.ts";
import { archivePrefixes } from "../platform/storage/object-keys.ts";

/** Tells what is known of a reader, or erases it. */
export interface LookUpEvent {
  /** In any spelling. */
  readonly email: string;
  /** The one list that is to be told of. @default all of them */
  readonly list?: string;
  readonly erase?: true;
  /** Of an erasure that goes on: the key in the archive at which the one before stopped. */
  readonly from?: string;
}

export const goodLookUpEvent: LookUpEvent = { email: "reader@example.fr" };

const longestEmail = 320;

const { events, tables, refused, results } = archivePrefixes;
const archivedKey = new RegExp(`^(?:${[events, tables, refused, results].join("|")}).`);

export const lookUpEventSchema: z.ZodType<LookUpEvent> = z
  .strictObject({
    email: z
      .string("expected an e-mail address")
      .trim()
      .max(longestEmail, "expected an e-mail address")
      .regex(/^[^\s@]+@[^\s@]+$/, "expected one e-mail address"),
    list: listNameSchema.optional(),
    erase: z.literal(true, "expected true").optional(),
    from: z
      .string()
      .regex(archivedKey, "expected the one of an answer's `next`: without it, everything is looked through")
      .optional(),
  })
  .transform(({ email, list, erase, from }, context): LookUpEvent => {
    if (erase && list !== undefined) {
      const message = "an erasure is of all lists, so leave it out";
      context.addIssue({ code: "custom", path: ["list"], message });
    }
    if (from !== undefined && !erase) {
      context.addIssue({ code: "custom", path: ["from"], message: 'only goes with "erase"' });
    }
    return { email, ...(list && { list }), ...(erase && { erase }), ...(from && { from }) };
  });
