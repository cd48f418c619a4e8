import * as z from "zod";

/** The grants of the functions are made of it, and each environment puts its own name before that of a provider's secret. */
export const secretNameSchema = z
  .string()
  .regex(/^[\w/+=.@!-]{1,512}$/, "expected a secret's name, not its ARN: letters, digits and /_+=.@!- alone");
