import * as z from "zod";
import type { Group } from "./plan.ts";

const limitSchema = (ratio: number, floor: number) =>
  z
    .strictObject({
      /** The largest part of the list that runs may change this way within a day, from 0 to 1. */
      ratio: z.number().min(0).max(1).default(ratio),
      /** Up to this many changes the ratio does not matter: of a small list every ratio is large. */
      floor: z.int().nonnegative().default(floor),
    })
    .prefault({});
export type Limit = z.infer<ReturnType<typeof limitSchema>>;

/** What runs may do to a list, and to the database, within 24 hours without a person's approval. */
export const limitsSchema = z
  .strictObject({
    unsubscribe: limitSchema(0.1, 100),
    subscribe: limitSchema(0.5, 1000),
    resubscribe: limitSchema(0.01, 20),
    /** Values that the provider has and that would change or be cleared. */
    update: limitSchema(0.2, 500),
    /** Returns to the database. Their ratio is of the subscribers that the database has. */
    return: limitSchema(0.1, 100),
    /** Rows of the source that are set aside, of all its rows. */
    reject: limitSchema(0.01, 20),
  })
  .prefault({});
export type Limits = z.infer<typeof limitsSchema>;
export const limitNames = ["unsubscribe", "subscribe", "resubscribe", "update", "return", "reject"] as const;
export type LimitName = (typeof limitNames)[number];

/** The groups of changes that each limit may hold back. */
export const groupsOf: Readonly<Record<LimitName, readonly Group[]>> = {
  unsubscribe: ["optOut", "unsubscribe", "missing"],
  subscribe: ["subscribe"],
  resubscribe: ["resubscribe"],
  update: ["update"],
  return: ["return"],
  reject: ["missing"],
};
