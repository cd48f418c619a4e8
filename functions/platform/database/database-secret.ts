import { existsSync, readFileSync } from "node:fs";
import { type ConnectionOptions, getCACertificates } from "node:tls";
import * as z from "zod";
import { CredentialError } from "../../domain/errors.ts";

/** Where Lambda keeps the roots that sign the certificates of RDS and Aurora; nothing loads it unasked. */
const lambdaRoots = "/var/runtime/ca-cert.pem";

const loopback = /^(localhost|127(\.\d+){3}|::1|\/.*)$/;

/** The shape that RDS writes; what the console's form saves is text, also the numbers. */
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
  /** Whether the connection is encrypted and the server's certificate verified; by default it is, but for loopback. */
  ssl: z.union([z.boolean(), z.stringbool()]).optional(),
});
export type DatabaseSecret = z.infer<typeof databaseSecretSchema>;

/** @throws CredentialError naming the secret and the field, never a value */
export function parseDatabaseSecret(name: string, value: unknown): DatabaseSecret {
  const parsed = databaseSecretSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => issue.path.join(".")).filter((field) => field !== "");
  const wrong = fields.length === 0 ? "it is not an object" : `${fields.join(", ")} can not be used`;
  throw new CredentialError(
    name,
    `${wrong}; expected {"host","port","username","password","dbname"}, as RDS writes it`,
  );
}

/**
 * How to connect: encrypted, with the server's name and certificate verified against the public roots and
 * those of RDS where Lambda provides them, unless the server is on this machine or the secret says
 * `"ssl": false`. Encrypting without verifying is not offered: it would hide that anyone may answer.
 */
export function tlsOf({ host, ssl = !loopback.test(host) }: DatabaseSecret): ConnectionOptions | false {
  if (!ssl) return false;
  const ofLambda = existsSync(lambdaRoots) ? [readFileSync(lambdaRoots, "utf8")] : [];
  return { ca: [...getCACertificates("default"), ...ofLambda] };
}
