import type { CustomFields } from "./custom-fields.ts";
import type { ImportRow } from "./import-rows.ts";
import type { SandboxOptions } from "./sandbox-options.ts";

/** Why a row cannot be imported. A person can correct some errors in the provider's own pages. */
export interface RowError {
  readonly message: string;
  readonly isCorrectable: boolean;
}

const longest: Readonly<Record<string, number>> = {
  email: 50,
  first_name: 50,
  last_name: 50,
  job_title: 50,
  company_name: 50,
  street: 255,
  city: 50,
  state: 50,
  zip: 50,
  country: 50,
};

const longestCustomField = 255;
const maxCustomFields = 25;

/** @returns what is wrong with a row; undefined if nothing is */
export function rowError(
  row: ImportRow,
  customFields: CustomFields,
  {
    unknownCustomFields,
    acceptsEmail,
  }: Pick<Required<SandboxOptions>, "unknownCustomFields" | "acceptsEmail">,
): RowError | undefined {
  const email = String(row["email"] ?? "").trim();
  if (email === "") return { message: "there is no e-mail address", isCorrectable: true };
  if (!/^[^\s@,;<>()"]+@[^\s@.]+(\.[^\s@.]+)+$/u.test(email) || !acceptsEmail(email)) {
    return { message: `${email} is not a valid e-mail address`, isCorrectable: true };
  }
  const tooLong = Object.entries(row).find(([name, value]) => String(value ?? "").length > limitOf(name));
  if (tooLong) return { message: `${tooLong[0]} of ${email} is too long`, isCorrectable: false };
  const custom = Object.keys(row).filter((name) => name.startsWith("cf:"));
  if (custom.length > maxCustomFields)
    return { message: "there are too many custom fields", isCorrectable: false };
  const unknown = custom.find((name) => !customFields.find(name.slice(3)));
  if (unknown === undefined || unknownCustomFields === "ignored") return undefined;
  return { message: `${unknown} is not a custom field`, isCorrectable: false };
}

function limitOf(name: string): number {
  return name.startsWith("cf:") ? longestCustomField : (longest[name] ?? longestCustomField);
}
