import { createHash } from "node:crypto";

/** An account's name in object keys: that of its secret, made safe, and a hash, as two may be the same when made safe. */
export function accountName(secret: string): string {
  const hash = createHash("sha256").update(secret).digest("hex").slice(0, 8);
  return `${secret.replaceAll(/[^A-Za-z0-9]+/g, "-")}-${hash}`;
}
