import * as z from "zod";

/** What the function that draws pages needs to know. */
export const pagesConfigurationSchema = z.strictObject({
  /** The page of the runbook, to which headings are added. @default only the project has it */
  runbookUrl: z.url().optional(),
  /** What each function has from Lambda, for what its runs cost. */
  memoryMb: z.record(z.string(), z.number()),
});
