import * as z from "zod";

/** A schedule whose runs are watched, by what it runs. */
const watchedSchema = z.strictObject({
  function: z.string().min(1),
  /** The function's name in metrics. */
  service: z.string().min(1),
  subject: z.string().min(1),
  /** How long it may be silent. */
  hours: z.number().positive(),
});
export type WatchedSchedule = z.infer<typeof watchedSchema>;

export const watchConfigurationSchema = z.strictObject({ schedules: z.array(watchedSchema) });
