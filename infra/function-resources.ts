import * as z from "zod";

/** What Lambda gives a function. Its CPU grows with its memory. */
export const resourcesSchema = (memoryMb: number, timeoutMinutes = 15) =>
  z
    .strictObject({
      memoryMb: z.int().min(128).max(10_240).default(memoryMb),
      /** Lambda allows 15 at the most. */
      timeoutMinutes: z.int().min(1).max(15).default(timeoutMinutes),
    })
    .prefault({});
