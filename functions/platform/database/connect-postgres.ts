import pg from "pg";
import type { Clock } from "../clock.ts";
import { unlessAborted } from "../unless-aborted.ts";

/** How long a database that sleeps, restarts or fails over may take to answer. */
const wakingMs = 60_000;
const pauseMs = 1000;

const transientCode =
  /^(ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE|EHOSTUNREACH|EAI_AGAIN|08...|57P0[123]|53300)$/;
/** What pg says, without a code, of a server that does not answer in time or hangs up. */
const transientMessage = /^(timeout expired|Connection terminated)/;

/**
 * Connects, trying again for a minute where the database may be about to wake.
 *
 * @throws what the last try failed with, the signal's reason when it fires
 */
export async function connectPostgres(
  connection: pg.ClientConfig,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<pg.Client> {
  const until = clock.now() + wakingMs;
  for (;;) {
    const client = new pg.Client(connection);
    // A lost connection also fails the running statement, or the next one.
    client.on("error", () => {});
    try {
      return await unlessAborted(client.connect(), signal);
    } catch (error) {
      // Not awaited: an aborted connection takes a while to end.
      void client.end();
      signal.throwIfAborted();
      if (!isTransient(error as Error) || clock.now() + pauseMs > until) throw error;
    }
    await clock.wait(pauseMs, signal).catch(() => signal.throwIfAborted());
  }
}

function isTransient({ code = "", message }: Error & { code?: string | undefined }): boolean {
  return transientCode.test(code) || transientMessage.test(message);
}
