import { existsSync, readFileSync } from "node:fs";
import { type ConnectionOptions, getCACertificates } from "node:tls";
import * as z from "zod";
import { CredentialError } from "../../domain/errors.ts";

/** Lambda's file of the CAs that sign the certificates of RDS and Aurora; Node does not load it by itself. */
const lambdaCaFile = "/var/runtime/ca-cert.pem";

const loopback = /^(localhost|127(\.\d+){3}|::1|\/.*)$/;

/** The shape that RDS writes. The console's form saves numbers as text. */
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
});
export type DatabaseSecret = z.infer<typeof databaseSecretSchema>;

/** @throws CredentialError naming the secret and the fields, never a value */
export function parseDatabaseSecret(name: string, value: unknown): DatabaseSecret {
  const parsed = databaseSecretSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => issue.path.join(".")).filter((field) => field !== "");
  const wrong = fields.length === 0 ? "it is not an object" : `${fields.join(", ")} cannot be used`;
  throw new CredentialError(
    name,
    `${wrong}; expected {"host","port","username","password","dbname"}, as RDS writes it`,
  );
}

/**
 * Encrypts the connection and verifies the server's name and certificate against the public CAs and, in Lambda, those of
 * RDS, unless the server is on this machine or the secret says `"ssl": false`. There is no encryption without
 * verification: it would look secure and accept any server.
 */
export function tlsOf({ host, ssl = !loopback.test(host) }: DatabaseSecret): ConnectionOptions | false {
  if (!ssl) return false;
  const lambdaCas = existsSync(lambdaCaFile) ? [readFileSync(lambdaCaFile, "utf8")] : [];
  return { ca: [...getCACertificates("default"), ...lambdaCas] };
}
