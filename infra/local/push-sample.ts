import type pg from "pg";
import { type Configuration, functionConfiguration } from "../config.ts";
import { startLocalFunction } from "./invoke-locally.ts";
import type { LocalAws } from "./local-aws.ts";
import { openLocalQueue } from "./local-queue.ts";

interface PushSampleOptions {
  readonly list: string;
  readonly configuration: Configuration;
  readonly database: pg.Client;
  readonly aws: LocalAws;
  /** The column in which the provider has a first name. */
  readonly firstName: string;
  say(text: string): void;
  onLine(line: string): void;
}

/** A reader of the demonstration subscribes on the website, which tells its database and then the queue. */
export async function pushSample(options: PushSampleOptions): Promise<void> {
  const { list, configuration, database, aws, firstName, say, onLine } = options;
  const reader = { email: "wanda@example.fr", guid: "r900", consented_at: new Date().toISOString() };
  await database.query(
    "insert into readers (email, guid, daily, consented_at, first_name) values ($1, $2, true, $3, 'Wanda')",
    [reader.email, reader.guid, reader.consented_at],
  );
  const message = { list, subscribed: true, ...reader, [firstName]: "Wanda" };
  say(`\n▸ push-changes, for a reader who subscribes on the website:\n${JSON.stringify(message, null, 2)}`);
  const queue = await openLocalQueue(aws);
  const push = await startLocalFunction({
    functionName: "push-changes",
    configuration: functionConfiguration(configuration, "push-changes"),
    environment: { ...aws.environment, ...queue.environment },
    onLine,
  });
  try {
    await queue.send(message);
    await queue.deliver(push);
  } finally {
    await push.stop();
    queue.stop();
  }
}
