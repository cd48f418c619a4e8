import * as z from "zod";
import { CredentialError } from "../../domain/errors.ts";

/** How a configuration names a database. */
export const databaseFields = {
  /** The name of a secret with the fields that RDS writes: engine, host, port, username, password, dbname. */
  secret: z.string().min(1),
  /** Where the database is, if its secret does not say: one that RDS manages holds only username and password. */
  host: z.string().min(1).optional(),
  port: z.int().min(1).max(65_535).optional(),
  dbname: z.string().min(1).optional(),
};

const databaseSecretSchema = z.object({
  engine: z
    .string()
    .regex(/postgres/, "expected postgres")
    .optional(),
  host: z.string().min(1),
  port: z.coerce.number().int().min(1).max(65_535).default(5432),
  username: z.string().min(1),
  password: z.string(),
  dbname: z.string().min(1).default("postgres"),
  /** Whether the connection is encrypted and the server's certificate verified. @default true, except for loopback */
  ssl: z.union([z.boolean(), z.stringbool()]).optional(),
  /**
   * The same in libpq's words, in which `ssl` counts more. `disable`: not encrypted. `verify-full`: encrypted, the server's
   * certificate and its name verified. `verify-ca`: its name is not. `require` is read as `verify-full`: libpq would
   * encrypt without verifying, which looks secure and accepts any server. `allow` and `prefer` ask for nothing.
   */
  sslmode: z.enum(["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]).optional(),
});
/** The shape that RDS writes. The console's form saves numbers as text. */
export type DatabaseSecret = z.infer<typeof databaseSecretSchema>;

/** What a secret that RDS manages by itself does not hold. */
export interface DatabasePlace {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly dbname?: string | undefined;
}

/**
 * @param place what is given beside the secret: it counts more
 * @throws CredentialError naming the secret and the fields, never a value
 */
export function parseDatabaseSecret(name: string, value: unknown, place: DatabasePlace = {}): DatabaseSecret {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new CredentialError(name, `it is not an object; expected ${expected}`);
  }
  const given = Object.entries(place).filter(([, text]) => text !== undefined);
  const merged: Record<string, unknown> = { ...value, ...Object.fromEntries(given) };
  const parsed = databaseSecretSchema.safeParse(merged);
  if (parsed.success) return parsed.data;
  const fields = [...new Set(parsed.error.issues.map((issue) => issue.path.join(".")))];
  const missing = fields.filter((field) => merged[field] === undefined);
  const unusable = fields.filter((field) => merged[field] !== undefined);
  throw new CredentialError(name, problemOf(missing, unusable));
}

const expected = '{"host","port","username","password","dbname"}, as RDS writes it';
const elsewhere =
  'a secret that RDS manages by itself holds only username and password: give "host", "port" and "dbname" beside "secret" in the list\'s source or returns';

function problemOf(missing: readonly string[], unusable: readonly string[]): string {
  const problems = [
    ...(missing.length > 0 ? [`it has no ${missing.join(", ")}`] : []),
    ...(unusable.length > 0 ? [`${unusable.join(", ")} cannot be used`] : []),
  ].join(", and ");
  return missing.includes("host") ? `${problems}; ${elsewhere}` : `${problems}; expected ${expected}`;
}
