import * as z from "zod";

const progressSchema = z.object({
  message: z.literal("progress"),
  phase: z.string(),
  done: z.number(),
  /** Left out if it is not known how much there is to do. */
  total: z.number().optional(),
});
const metricsSchema = z.object({ _aws: z.looseObject({}) });
const placeSchema = z.object({ name: z.string(), stack: z.array(z.string()) });
const concludingSchema = z.object({
  message: z.enum(["run succeeded", "run failed"]),
  summary: z.string(),
  report: z.string().optional(),
  error: placeSchema.extend({ message: z.string().optional(), cause: placeSchema.optional() }).optional(),
});
const logSchema = z.looseObject({ level: z.string(), message: z.string() });
const errorSchema = z.object({ name: z.string(), message: z.string() });

/** How far a function has come in one of its phases. */
export type Step = z.infer<typeof progressSchema>;

/** What a run says of itself at its end, and where a mistake was thrown that no run foresees. */
export interface RunSummary {
  readonly text: string;
  /** The key of its stored report. */
  readonly report?: string | undefined;
  readonly trace: readonly string[];
  /** Why it failed. */
  readonly failure?: string;
}

/** One line of a function's output: progress, the last line of a run, another text, or something not to be shown. */
export type LogLine =
  | { readonly kind: "progress"; readonly step: Step }
  | { readonly kind: "summary"; readonly summary: RunSummary }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "hidden" };

/** What Powertools' Logger repeats on every line. */
const repeatedFields = new Set([
  "cold_start",
  "function_arn",
  "function_memory_size",
  "function_name",
  "function_request_id",
  "sampling_rate",
  "service",
  "timestamp",
  "xray_trace_id",
]);

/** Distinguishes progress, lines for a person, and metrics, which are for CloudWatch alone. */
export function parseLogLine(line: string): LogLine {
  const record = jsonOrUndefined(line);
  const progress = progressSchema.safeParse(record);
  if (progress.success) return { kind: "progress", step: progress.data };
  if (metricsSchema.safeParse(record).success) return { kind: "hidden" };
  const concluding = concludingSchema.safeParse(record);
  if (concluding.success) return { kind: "summary", summary: summaryIn(concluding.data) };
  const log = logSchema.safeParse(record);
  return { kind: "text", text: log.success ? readable(log.data) : line };
}

function summaryIn({ summary, report, error }: z.infer<typeof concludingSchema>): RunSummary {
  const isForeseen = error?.name !== "UnforeseenError";
  const trace = isForeseen ? [] : (error.cause ?? error).stack;
  return { text: summary, report, trace, ...(error?.message !== undefined && { failure: error.message }) };
}

/** `reading the provider: 20,000 of 1,000,000` */
export function describeStep({ phase, done, total }: Step): string {
  const count = done.toLocaleString("en-US");
  return `${phase}: ${total === undefined ? count : `${count} of ${total.toLocaleString("en-US")}`}`;
}

function readable({ level, message, ...fields }: z.infer<typeof logSchema>): string {
  const extra = Object.entries(fields)
    .filter(([name]) => !repeatedFields.has(name))
    .map(([name, value]) => ` ${name}=${short(value)}`);
  return `${level} ${message}${extra.join("")}`;
}

function short(value: unknown): string {
  const error = errorSchema.safeParse(value);
  if (error.success) return JSON.stringify(`${error.data.name}: ${error.data.message}`);
  return typeof value === "string" && /^[^\s"]+$/.test(value) ? value : JSON.stringify(value);
}

function jsonOrUndefined(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
