import { historySecretVariable } from "../../environment.ts";
import type { ReadSecret } from "../../secrets.ts";
import { type ReaderHash, readReaderHash } from "./reader-hash.ts";

/**
 * Reads the key of the deployment's history, once.
 *
 * @returns undefined if the environment names none: then there is no history
 */
export function historyHashOf(readSecret: ReadSecret): (() => Promise<ReaderHash>) | undefined {
  const name = process.env[historySecretVariable];
  if (!name) return undefined;
  let reading: Promise<ReaderHash> | undefined;
  return () => {
    reading ??= readReaderHash(readSecret, name).catch((error: unknown) => {
      reading = undefined;
      throw error;
    });
    return reading;
  };
}
