import { nameIn } from "./environment.ts";

/** The secret with the key of the history's hashes, in an environment. */
export function historySecretIn(environment: string): string {
  return nameIn(environment, historySecret, "/");
}

/** Its name on this machine and in production. */
export const historySecret = "newsletter-sync/history-key";
