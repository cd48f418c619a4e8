import * as z from "zod";

/** How many changes a website may send. */
export const pushSchema = z.strictObject({
  requestsPerSecond: z.int().min(1).max(1000).default(20),
  /** So many may come at once. */
  burst: z.int().min(1).max(5000).default(100),
  /** Whether requests are logged, without what is in them. The account must have told API Gateway a role for logs. */
  accessLog: z.boolean().default(false),
});
