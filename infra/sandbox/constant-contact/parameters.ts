import * as z from "zod";

const isTime = (text: string) => !Number.isNaN(Date.parse(text));

/** An instant in ISO 8601, with an offset or in UTC; also a day. As milliseconds. */
export const instant = z.iso
  .datetime({ offset: true, local: true })
  .or(z.iso.date())
  .refine(isTime)
  .transform((text) => Date.parse(/T/.test(text) && !/(Z|[+-]\d\d:?\d\d)$/.test(text) ? `${text}Z` : text));

export const flag = z.enum(["true", "false"]).transform((text) => text === "true");

export const limitUpTo = (max: number) =>
  z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(1).max(max)).default(50);

/** Values with commas between them, as many as `max`. */
export const listOf = <T extends z.ZodType<string, string>>(value: T, max: number) =>
  z
    .string()
    .transform((text) => text.split(","))
    .pipe(z.array(z.string().pipe(value)).max(max));

/** Names the parameter or the field that is wrong, and never its value. */
export function describeError({ issues }: z.ZodError): string {
  const [issue] = issues;
  if (issue?.code === "unrecognized_keys") return `${issue.keys[0]} is not a parameter`;
  return `${issue?.path.join(".") || "the body"} does not have a valid value`;
}
