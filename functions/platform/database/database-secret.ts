import * as z from "zod";
import { CredentialError } from "../../domain/errors.ts";
import { secretNameSchema } from "../secret-name.ts";
import { certificatesIn } from "./certificates-in.ts";

const authenticationSchema = z.enum(["password", "iam"]);

/** A name, an address of either version, or a folder of this machine. */
const hostPattern = /^([^\s:/@]+|[\da-f.]*(:[\da-f.]*){2,}(%\w+)?|\/.*)$/i;

/** Errors name it, so it must not be a URL, which may hold a password. */
const hostSchema = z
  .string()
  .min(1)
  .refine(
    (host) => host === "" || hostPattern.test(host),
    "has to be the server's name alone: no URL, no port",
  );

/** How a configuration names a database. */
export const databaseFields = {
  /** The name of a secret with the fields that RDS writes: engine, host, port, username, password, dbname. */
  secret: secretNameSchema,
  /** Where the database is, if its secret does not say: one that RDS manages holds only username and password. */
  host: hostSchema.optional(),
  port: z.int().min(1).max(65_535).optional(),
  dbname: z.string().min(1).optional(),
  /** `iam`: the function's role authenticates the user at RDS, and no password is needed. @default password */
  authentication: authenticationSchema.optional(),
};

const ssl = z.union([z.boolean(), z.stringbool()]);
const sslmode = z.enum(["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]);

const connectionFields = {
  engine: z
    .string()
    .regex(/postgres/, "expected postgres")
    .optional(),
  host: hostSchema,
  port: z.coerce.number().int().min(1).max(65_535).default(5432),
  username: z.string().min(1),
  dbname: z.string().min(1).default("postgres"),
  /** The only authorities, in PEM, that may sign the server's certificate. @default those that are known here */
  ca: z
    .string()
    .transform(certificatesIn)
    .refine((certificates) => certificates.length > 0, "holds no certificate in PEM")
    .optional(),
  /** Whether the connection is encrypted and the server's certificate verified. @default true, except for loopback */
  ssl: ssl.optional(),
  /**
   * The same in libpq's words, in which `ssl` counts more. `disable`: not encrypted. `verify-full`: encrypted, the server's
   * certificate and its name verified. `verify-ca`: its name is not. `require` is read as `verify-full`: libpq would
   * encrypt without verifying, which looks secure and accepts any server. `allow` and `prefer` ask for nothing.
   */
  sslmode: sslmode.optional(),
};

const unencrypted = "turns off the encryption that IAM authentication needs";

const databaseSecretSchema = z.discriminatedUnion("authentication", [
  z.object({
    ...connectionFields,
    authentication: authenticationSchema.extract(["password"]).optional(),
    password: z.string(),
  }),
  // Whoever reads a token off the wire may connect with it for a quarter of an hour.
  z.object({
    ...connectionFields,
    authentication: authenticationSchema.extract(["iam"]),
    ssl: ssl.refine((isOn) => isOn, unencrypted).optional(),
    sslmode: sslmode.refine((mode) => mode !== "disable", unencrypted).optional(),
  }),
]);
/** The shape that RDS writes. The console's form saves numbers as text. */
export type DatabaseSecret = z.infer<typeof databaseSecretSchema>;

/** What a secret that RDS manages by itself does not hold. */
export interface DatabasePlace {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly dbname?: string | undefined;
  readonly authentication?: "password" | "iam" | undefined;
}

/**
 * @param place what is given beside the secret: it counts more
 * @throws CredentialError naming the secret and the fields, never a value
 */
export function parseDatabaseSecret(name: string, value: unknown, place: DatabasePlace = {}): DatabaseSecret {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new CredentialError(name, `it is not an object; expected ${shape}`);
  }
  const given = Object.entries(place).filter(([, text]) => text !== undefined);
  const merged: Record<string, unknown> = { ...value, ...Object.fromEntries(given) };
  const parsed = databaseSecretSchema.safeParse(merged);
  if (parsed.success) return parsed.data;
  throw new CredentialError(name, problemOf(parsed.error.issues, merged));
}

const shape = '{"host","port","username","password","dbname"}, as RDS writes it';
const elsewhere =
  'a secret that RDS manages by itself holds only username and password: give "host", "port" and "dbname" beside "secret" in the list\'s source or returns';

function problemOf(issues: readonly z.core.$ZodIssue[], merged: Readonly<Record<string, unknown>>): string {
  const fieldOf = ({ path }: z.core.$ZodIssue) => path.join(".");
  const fields = [...new Set(issues.map(fieldOf))];
  const missing = fields.filter((field) => merged[field] === undefined);
  const explained = issues.filter(({ code }) => code === "custom");
  const unusable = fields.filter(
    (field) => !missing.includes(field) && !explained.map(fieldOf).includes(field),
  );
  const problems = [
    ...(missing.length > 0 ? [`it has no ${missing.join(", ")}`] : []),
    ...(unusable.length > 0 ? [`${unusable.join(", ")} cannot be used`] : []),
    ...explained.map((issue) => `${fieldOf(issue)} ${issue.message}`),
  ].join(", and ");
  return missing.includes("host") ? `${problems}; ${elsewhere}` : `${problems}; expected ${shape}`;
}
