import type { Return } from "../../../functions/domain/return.ts";
import { systemClock } from "../../../functions/platform/clock.ts";
import { openSink } from "../../../functions/sinks/open-sink.ts";
import { database } from "../../sources/database.ts";
import { InMemoryFiles } from "../../support/in-memory-files.ts";
import { inOneBatch, returnOf } from "../returns.ts";

const never = new AbortController().signal;

/** Gives one return, or those of the test, to the database of its file. @param secret a superuser's, unless the test has another */
export function take(
  statements: readonly string[],
  {
    returns = inOneBatch([returnOf()]) as AsyncIterable<readonly Return[]>,
    commit = true,
    secret = database.server.secret as object,
    place = {},
    clock = systemClock,
    signal = never,
  } = {},
) {
  const sink = openSink(
    { kind: "postgres", secret: "newsletter-sync/writer", statements: [...statements], ...place },
    { readSecret: async () => secret, clock, files: new InMemoryFiles(), list: "daily", runId: "run-1" },
  );
  return sink.take(returns, { commit, signal });
}
