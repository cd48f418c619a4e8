import { hash } from "node:crypto";
import * as z from "zod";
import { CredentialError } from "../../../domain/errors.ts";
import type { ReadSecret } from "../../secrets.ts";

const blockBytes = 64;
const hashBytes = 32;

/** As CDK makes it: characters of ASCII, no more of them than a block of SHA-256 has. */
const secretSchema = z.object({ key: z.string().regex(/^[\x21-\x7e]{32,64}$/) });

/** HMAC-SHA256 of a canonical address, as a string of one character per byte: without the key, nobody can test an address. */
export type ReaderHash = (canonical: string) => string;

/** A million in a second: Node's own HMAC makes an object for each. */
export function createReaderHash(key: string): ReaderHash {
  const padded = (pad: number) =>
    Buffer.from(Array.from({ length: blockBytes }, (_, at) => (key.charCodeAt(at) || 0) ^ pad));
  // A text, as a key of ASCII leaves it in ASCII.
  const inner = padded(0x36).toString("latin1");
  const outer = Buffer.concat([padded(0x5c), Buffer.alloc(hashBytes)]);
  return (canonical) => {
    outer.write(hash("sha256", inner + canonical, "binary"), blockBytes, "latin1");
    return hash("sha256", outer, "binary");
  };
}

/** Names a key without telling it: records are only found with the one that they were written with. */
export function keyNameOf(readerHash: ReaderHash): string {
  return Buffer.from(readerHash("").slice(0, 4), "latin1").toString("hex");
}

/** A reader as the history has them: their hash, and the name of the key that made it. */
export interface HashedReader {
  readonly hash: string;
  readonly keyName: string;
}

export function hashReader(readerHash: ReaderHash, canonical: string): HashedReader {
  return { hash: readerHash(canonical), keyName: keyNameOf(readerHash) };
}

/** @throws CredentialError when the secret cannot be read, or is no key */
export async function readReaderHash(readSecret: ReadSecret, name: string): Promise<ReaderHash> {
  const { data } = secretSchema.safeParse(await readSecret(name));
  if (data === undefined) throw new CredentialError(name, 'expected {"key":"32 to 64 characters of ASCII"}');
  return createReaderHash(data.key);
}
