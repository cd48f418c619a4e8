import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Account } from "./account.ts";
import type { EventSettings } from "./event-files.ts";
import type { FaultRule } from "./fault.ts";
import type { ImportOutcome } from "./file-imports.ts";
import type { SandboxOptions } from "./sandbox-options.ts";
import { type LoggedRequest, type RequestListener, SandboxServer } from "./sandbox-server.ts";
import type { SubscriberList } from "./subscriber-list.ts";
import { type Row, SubscriberWrite } from "./subscriber-write.ts";

/** A provider that runs on this machine. */
export interface Sandbox extends AsyncDisposable {
  /** The API's base URL, e.g. "http://127.0.0.1:4010/v1". */
  readonly url: string;
  readonly credentials: { client: string; apiKey: string };
  /** Every request in the order in which it came. */
  readonly requests: LoggedRequest[];
  /** The rows of every write that was applied, in order, as they were sent. */
  readonly writes: Row[];
  /** Push a rule to make requests fail; empty the array to make it well again. */
  readonly faults: FaultRule[];
  /** What the event files hold; may be changed between two fetches. */
  readonly events: EventSettings;
  /** What became of the imported files. */
  readonly imports: readonly ImportOutcome[];
  /** Opt-ins whose confirmation is awaited. */
  readonly pendingOptIns: readonly Row[];
  /** A list as it now is; without an id the legacy one. Throws for an unknown id. */
  list(id?: number): SubscriberList;
  /** Calls the listener before each request is handled. Returns how to stop that. */
  onRequest(listener: RequestListener): () => void;
  expireTokens(): void;
  /** Every reader who awaits it confirms. */
  confirmOptIns(): void;
  /** Resolves when every import asked for so far is over, well or not. */
  importsSettled(): Promise<void>;
  /** Closes every connection, hanging ones included. */
  stop(): Promise<void>;
}

/** Starts a provider on 127.0.0.1. Rejects when the port is taken. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const account = new Account(options);
  const server = new SandboxServer(account);
  // A client may keep a connection as long as it likes: closing an idle one races with its next request.
  const http = createServer({ keepAliveTimeout: 0 }, (request, response) => server.handle(request, response));
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  http.once("error", reject).listen(account.options.port, "127.0.0.1", resolve);
  await listening;
  const stop = async () => {
    if (!http.listening) return;
    account.imports.stop();
    const closed = http[Symbol.asyncDispose]();
    http.closeAllConnections();
    await Promise.all([closed, account.imports.settled()]);
  };
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/v1`,
    credentials: account.options.credentials,
    requests: server.requests,
    get writes() {
      return server.requests.flatMap(({ rows }) => rows);
    },
    faults: server.faults.rules,
    events: account.events.settings,
    imports: account.imports.outcomes,
    pendingOptIns: account.optIns.pending,
    list: (id) => listOf(account, id),
    onRequest: (listener) => {
      server.listeners.add(listener);
      return () => server.listeners.delete(listener);
    },
    expireTokens: () => account.tokens.expireAll(),
    confirmOptIns: () => confirmOptIns(account),
    importsSettled: () => account.imports.settled(),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function listOf({ lists }: Account, id: number | undefined): SubscriberList {
  const list = lists.get(id);
  if (!list) throw new Error(`The sandbox has no list ${id}: it has ${[...lists.keys()].join(", ")}`);
  return list;
}

function confirmOptIns({ optIns, lists, options }: Account): void {
  const write = new SubscriberWrite(lists.get(optIns.form.listId)!, options);
  for (const row of optIns.pending.splice(0)) write.apply({ ...row, subscribed: true });
}
