import type { Row } from "../answer.ts";
import type { Call } from "../call.ts";
import type { FaultRule } from "../fault.ts";
import { templateOf } from "../route.ts";
import { type RequestListener, type SandboxApi, SandboxServer } from "../sandbox-server.ts";
import type { LoggedRequest } from "../traffic.ts";
import { Account } from "./account.ts";
import { accountControls } from "./account-controls.ts";
import type { Activity } from "./activities.ts";
import type { ActivityPlan } from "./activity.ts";
import type { Contact } from "./contact.ts";
import { People } from "./people.ts";
import type { Quota } from "./quota.ts";
import { answerCall, routes } from "./routes.ts";
import type { SandboxOptions } from "./sandbox-options.ts";
import { shiftPage } from "./shift-page.ts";
import type { Credentials } from "./tokens.ts";

/** A Constant Contact that runs on this machine. */
export interface Sandbox extends AsyncDisposable {
  /** The API's base URL, e.g. "http://127.0.0.1:4010/v3". */
  readonly url: string;
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly credentials: Credentials;
  /** Every request, in the order of arrival; may be emptied. */
  readonly requests: LoggedRequest[];
  /** The rows of every import that was accepted, in order, as they were sent and without those that it drops. */
  readonly writes: readonly Row[];
  /** Push a rule to make requests fail; empty the array to stop that. */
  readonly faults: FaultRule[];
  /** Push a plan for each activity to come that does not go as the options say. */
  readonly activityPlans: ActivityPlan[];
  /** The activities of the last ten days, newest first, as they stand. */
  readonly activities: readonly Activity[];
  /** Every contact, deleted ones included, as it is now. */
  readonly contacts: readonly Contact[];
  /** What readers and editors do. */
  readonly people: People;
  /** How much of the day's quota is spent; may be changed. */
  readonly quota: Quota;
  /** The contact with this address, alive or else deleted; undefined if there is none. */
  contact(email: string): Contact | undefined;
  /** The addresses on a list, whatever their permission, in the order in which the contacts were added. */
  membersOf(listId: string): string[];
  /** Whom a confirmation mail was sent, by contact id. */
  askedAgain(): string[];
  /** Calls the listener before each request is handled. @returns a function that stops that */
  onRequest(listener: RequestListener): () => void;
  /** Refresh tokens stay good. */
  expireAccessTokens(): void;
  /** As when the account's owner takes back what was granted. */
  revokeTokens(): void;
  /** Closes every connection, hanging ones included. */
  stop(): Promise<void>;
}

/** Starts a Constant Contact on 127.0.0.1. Rejects if the port is taken. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const account = new Account(options);
  const server = new SandboxServer(constantContactApi(account), account.options);
  const { requests, faults } = server.traffic;
  const url = await server.start(account.options.port);
  const stop = () => server.stop();
  const settled = () => {
    account.settle();
    return account;
  };
  return {
    url,
    authorizeUrl: new URL("/oauth2/default/v1/authorize", url).href,
    tokenUrl: new URL("/oauth2/default/v1/token", url).href,
    credentials: account.options.credentials,
    requests,
    get writes() {
      return requests.flatMap(({ rows }) => rows);
    },
    faults: faults.rules,
    activityPlans: account.activities.plans,
    get activities() {
      return settled().activities.values(account.now());
    },
    get contacts() {
      return [...settled().contacts.values()];
    },
    people: new People(account),
    quota: account.quota,
    contact: (email) => settled().contacts.find(email),
    membersOf: (listId) => membersOf(settled(), listId),
    askedAgain: () => [...account.confirmations.keys()],
    onRequest: (listener) => {
      server.listeners.add(listener);
      return () => server.listeners.delete(listener);
    },
    expireAccessTokens: () => account.tokens.expireAccessTokens(),
    revokeTokens: () => account.tokens.revokeAll(),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function constantContactApi(account: Account): SandboxApi {
  return {
    basePath: "/v3",
    controls: accountControls(account),
    templateOf: ({ path }) => templateOf(routes, path),
    rowsOf,
    answer: async (call, fault) => answerCall(shiftPage(call, fault), account),
  };
}

function rowsOf({ body }: Call): readonly unknown[] {
  const rows = typeof body === "object" && body !== null && "import_data" in body ? body.import_data : [];
  return Array.isArray(rows) ? rows : [];
}

function membersOf({ contacts }: Account, listId: string): string[] {
  return [...contacts.values()].flatMap(({ email, list_memberships }) =>
    email !== undefined && list_memberships.includes(listId) ? [email] : [],
  );
}
