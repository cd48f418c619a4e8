import type { Row } from "../answer.ts";
import type { FaultRule } from "../fault.ts";
import { templateOf } from "../route.ts";
import { type RequestListener, type SandboxApi, SandboxServer } from "../sandbox-server.ts";
import type { LoggedRequest } from "../traffic.ts";
import { Account } from "./account.ts";
import { accountControls } from "./account-controls.ts";
import type { EventSettings } from "./event-files.ts";
import type { ImportOutcome } from "./file-imports.ts";
import { answerCall, routes } from "./routes.ts";
import type { SandboxOptions } from "./sandbox-options.ts";
import { shiftPage } from "./shift-page.ts";
import type { SubscriberList } from "./subscriber-list.ts";
import { SubscriberWrite } from "./subscriber-write.ts";

/** An Ownpage that runs on this machine. */
export interface Sandbox extends AsyncDisposable {
  /** The API's base URL, e.g. "http://127.0.0.1:4010/v1". */
  readonly url: string;
  readonly credentials: { readonly client: string; readonly apiKey: string };
  /** Every request, in the order of arrival; may be emptied. */
  readonly requests: LoggedRequest[];
  /** The rows of every write that was applied, in order, as they were sent. */
  readonly writes: readonly Row[];
  /** Push a rule to make requests fail; empty the array to stop that. */
  readonly faults: FaultRule[];
  /** What the event files contain; may be changed between two fetches. */
  readonly events: EventSettings;
  /** The outcomes of the imported files. */
  readonly imports: readonly ImportOutcome[];
  /** Opt-ins that have yet to be confirmed. */
  readonly pendingOptIns: readonly Row[];
  /** A list as it is now; without an id the legacy one. Throws for an unknown id. */
  list(id?: number): SubscriberList;
  /** Calls the listener before each request is handled. @returns a function that stops that */
  onRequest(listener: RequestListener): () => void;
  expireTokens(): void;
  /** Confirms every pending opt-in. */
  confirmOptIns(): void;
  /** Resolves when every import requested so far has ended, successfully or not. */
  importsSettled(): Promise<void>;
  /** Closes every connection, hanging ones included. */
  stop(): Promise<void>;
}

/** Starts an Ownpage on 127.0.0.1. Rejects if the port is taken. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const account = new Account(options);
  const server = new SandboxServer(ownpageApi(account), account.options);
  const { requests, faults } = server.traffic;
  const url = await server.start(account.options.port);
  const stop = async () => {
    account.imports.stop();
    await Promise.all([server.stop(), account.imports.settled()]);
  };
  return {
    url,
    credentials: account.options.credentials,
    requests,
    get writes() {
      return requests.flatMap(({ rows }) => rows);
    },
    faults: faults.rules,
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

function ownpageApi(account: Account): SandboxApi {
  return {
    basePath: "/v1",
    controls: accountControls(account),
    templateOf: ({ path }) => templateOf(routes, path),
    answer: (call, fault) => answerCall(shiftPage(call, fault), account),
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
