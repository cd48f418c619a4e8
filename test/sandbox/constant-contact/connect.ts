import { onTestFinished } from "vitest";
import type { ContactSeed } from "../../../infra/sandbox/constant-contact/contact.ts";
import type { SandboxOptions } from "../../../infra/sandbox/constant-contact/sandbox-options.ts";
import { type Sandbox, startSandbox } from "../../../infra/sandbox/constant-contact/start-sandbox.ts";

interface ShownContact {
  readonly contact_id: string;
  readonly email_address: {
    readonly address: string;
    readonly permission_to_send: string;
    readonly created_at: string;
  };
  readonly deleted_at: string;
  readonly sms_channel: object;
}

interface ShownActivity {
  readonly activity_id: string;
  readonly state: string;
  readonly status: Readonly<Record<string, number>>;
  readonly activity_errors: readonly string[];
  readonly source_file_name: string;
}

interface Links {
  readonly _links: { readonly next: { readonly href: string }; readonly self: { readonly href: string } };
}

/** The fields of answers that tests read. Each answer has those of its own: a test that reads another one fails. */
interface Shown extends ShownActivity, Links {
  readonly contacts: readonly ShownContact[];
  readonly contacts_count: number;
  readonly lists: readonly object[];
  readonly list_id: string;
  readonly custom_fields: readonly { readonly custom_field_id: string }[];
  readonly custom_field_id: string;
  readonly activities: readonly (ShownActivity & Links)[];
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly error: string;
}

/** A clock that a test moves. */
interface TestClock {
  now(): Date;
  pass(seconds: number): void;
}

/** Calls as curl would make them: no retries, no new token, and time stands still. */
export interface Connection {
  readonly sandbox: Sandbox;
  readonly clock: TestClock;
  readonly token: string;
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** The answer's JSON, whatever its status. */
  read(path: string): Promise<Shown>;
  write(method: string, path: string, body: unknown): Promise<Shown>;
  /** Imports rows into the first list. @returns the ended activity */
  importRows(rows: readonly object[], listIds?: readonly string[]): Promise<Shown>;
}

const start = "2026-03-01T12:00:00Z";
export const otherList = "22222222-0000-4000-8000-000000000002";
export const dailyList = "11571157-0000-4000-8000-000000000001";

/** The two lists of most tests. */
const lists = [
  { list_id: dailyList, name: "Daily" },
  { list_id: otherList, name: "Weekly" },
];

export const onDaily = (email: string, seed: ContactSeed = {}): ContactSeed => ({
  email,
  list_memberships: [dailyList],
  ...seed,
});

function testClock(): TestClock {
  let time = Date.parse(start);
  return {
    now: () => new Date(time),
    pass: (seconds) => {
      time += seconds * 1_000;
    },
  };
}

/** Starts a sandbox with two lists and no limit per second, gets a token, and stops it when the test ends. */
export async function connect(options: SandboxOptions = {}): Promise<Connection> {
  const clock = testClock();
  const unlimited = { requestsPerSecond: 1_000, tokenRequestsPerSecond: 1_000 };
  const sandbox = await startSandbox({ now: clock.now, lists, ...unlimited, ...options });
  onTestFinished(() => sandbox.stop());
  const { access_token: token } = await shownIn(await refresh(sandbox));
  const send: Connection["send"] = (method, path, body, headers = {}) =>
    fetch(`${sandbox.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
  const read = async (path: string) => shownIn(await send("GET", path));
  const write = async (method: string, path: string, body: unknown) =>
    shownIn(await send(method, path, body));
  return {
    sandbox,
    clock,
    token,
    send,
    read,
    write,
    importRows: async (rows, list_ids = [dailyList]) => {
      const body = { import_data: rows, list_ids };
      const { activity_id } = await write("POST", "/activities/contacts_json_import", body);
      return read(`/activities/${activity_id}`);
    },
  };
}

export async function shownIn(answer: Response): Promise<Shown> {
  return (await answer.json()) as Shown;
}

/** Asks for an access token, with the credentials' refresh token unless another one is given. */
export function refresh(sandbox: Sandbox, token = sandbox.credentials.refreshToken): Promise<Response> {
  const { clientId, clientSecret } = sandbox.credentials;
  return fetch(sandbox.tokenUrl, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}` },
    body: new URLSearchParams({ grant_type: "refresh_token", refresh_token: token }),
  });
}

/** Follows the links of a collection of contacts. @returns the addresses of each page */
export async function readPages(connection: Connection, path: string): Promise<string[][]> {
  const pages: string[][] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const { contacts, _links } = await connection.read(next);
    pages.push(contacts.map((contact) => contact.email_address.address));
    next = nextOf(_links);
  }
  return pages;
}

/** The path of the next page, below the API's; undefined for the last one. */
function nextOf(links: Partial<Shown["_links"]> | undefined): string | undefined {
  return links?.next?.href.replace(/^\/v3/, "");
}
