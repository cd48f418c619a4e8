import { json } from "node:stream/consumers";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { describeStatus } from "../../../functions/domain/http-status.ts";
import {
  BatchRefusedError,
  ProviderContractError,
  ProviderRefusalError,
  ProviderUnavailableError,
} from "../../../functions/domain/provider-errors.ts";
import {
  createOwnpageClient,
  type OwnpageClient,
  type SentRow,
} from "../../../functions/providers/ownpage/client.ts";
import { createSession } from "../../../functions/providers/ownpage/session.ts";
import type { Fault } from "../../../infra/sandbox/fault.ts";
import type { SandboxOptions } from "../../../infra/sandbox/ownpage/sandbox-options.ts";
import { failureOf, listId, optionsFor, sandboxWith, sessionWith, signal } from "./connect.ts";

async function connected(options: SandboxOptions = {}, list: number | undefined = listId) {
  const sandbox = await sandboxWith({ lists: [{ id: listId, synthetic: 30 }], ...options });
  const session = sessionWith(sandbox);
  return { sandbox, session, client: createOwnpageClient(session, list) };
}

function write(client: OwnpageClient, rows: readonly SentRow[], onSend = () => {}) {
  const placeOf = (position: number) => (position < rows.length ? position : -1);
  return client.write(async () => rows, { signal, onSend, placeOf });
}

describe("reading", () => {
  test("counts, even if causes are missing or new", async () => {
    const { sandbox, client } = await connected();
    expect(await client.count(signal)).toMatchObject({ subscribed: 27, unsubscribed: 3 });
    for (const cause of [undefined, null, {}, { COMPLAINT: 1 }]) {
      const body = { subscribed: 1, unsubscribed: 2, cause, more: true };
      sandbox.faults.splice(0, 1, { match: { path: /count/ }, fault: { kind: "status", status: 200, body } });
      expect(await client.count(signal)).toMatchObject({ subscribed: 1, unsubscribed: 2 });
    }
  });

  test("finds a subscriber by the exact address", async () => {
    const { client, sandbox } = await connected();
    const query = { status: "all", search: "reader.1@example1.fr", exact: true } as const;
    expect(await client.findSubscribers(query, signal)).toMatchObject([
      { email: "reader.1@example1.fr", guid: "1000001", subscribed: true },
    ]);
    expect(sandbox.requests.at(-1)?.query).toEqual({ ...query, exact: "true" });
  });

  test("requests the page it is asked for, and hands over its body", async () => {
    const { client, sandbox } = await connected();
    const query = { status: "unsubscribed", offset: 1, count: 2 } as const;
    const page = await client.readPage(query, { read: ({ body }) => json(body), signal });
    expect(page).toHaveLength(2);
    expect(sandbox.requests.at(-1)?.query).toEqual({ status: "unsubscribed", offset: "1", count: "2" });
  });

  test("a list that does not exist fails with its id, and where that stands", async () => {
    const { client } = await connected({}, 999);
    const error = await failureOf(client.count(signal));
    expect(error).toBeInstanceOf(ProviderRefusalError);
    expect(error.message).toBe(
      "GET /newsletters/lists/{list}/subscribers/count was refused with status 404 (Not Found): " +
        'does the account have a list 999? That is the list\'s "id" in the configuration',
    );
  });
});

describe("the older API of one implicit list", () => {
  test("is called without a list id", async () => {
    const sandbox = await sandboxWith({ lists: [{ subscribers: [{ email: "a@example.fr" }] }] });
    const client = createOwnpageClient(sessionWith(sandbox), undefined);
    await client.count(signal);
    await client.findSubscribers({}, signal);
    await write(client, [{ email: "b@example.fr", guid: "2" }]);
    expect(sandbox.requests.slice(1).map(({ method, path }) => `${method} ${path}`)).toEqual([
      "GET /newsletters/subscribers/count",
      "GET /newsletters/subscribers",
      "POST /newsletters/subscribers",
    ]);
    expect(sandbox.list().get("b@example.fr")).toMatchObject({ guid: "2", subscribed: true });
  });
});

describe("writing", () => {
  const rows = [{ email: "new@example.fr" }, { email: "user1@" }, { email: "" }];
  const answer = (
    status: number,
    body: unknown,
  ): { match: { method: string; path: RegExp }; fault: Fault } => ({
    match: { method: "POST", path: /subscribers$/ },
    fault: { kind: "status", status, body },
  });

  test("returns the provider's report", async () => {
    const { client } = await connected();
    expect(await write(client, rows.slice(0, 1))).toEqual({
      errors: [],
      unique_emails_count: 1,
      duplicate_emails_count: 0,
      duplicate_guid_count: 0,
      nb_created: 1,
      nb_subscribed: 1,
      nb_unsubscribed: 0,
      nb_data_changed: 0,
    });
  });

  test("takes a missing counter for zero, and accepts errors of any shape", async () => {
    const { client, sandbox } = await connected();
    const errors = ["one", { line: 2 }];
    sandbox.faults.push(answer(200, { report: { errors, unique_emails_count: 3, nb_created: null } }));
    expect(await write(client, rows)).toMatchObject({
      errors,
      unique_emails_count: 3,
      nb_created: 0,
      nb_data_changed: 0,
    });
  });

  test("does not accept an answer without a report", async () => {
    const { client, sandbox } = await connected();
    sandbox.faults.push(answer(200, { ok: true }));
    expect(await failureOf(write(client, rows))).toBeInstanceOf(ProviderContractError);
  });

  test("finds the bad lines in the first shape of an error", async () => {
    const { client, sandbox } = await connected();
    const error = await failureOf(write(client, rows));
    expect(error).toBeInstanceOf(BatchRefusedError);
    expect((error as BatchRefusedError).lines).toEqual([
      { position: 1, reason: "email is missing or invalid" },
      { position: 2, reason: "email is missing or invalid" },
    ]);
    expect(sandbox.writes).toEqual([]);
    expect(sandbox.requests).toHaveLength(2);
  });

  test("finds a row by its address in the second shape, and reveals none", async () => {
    const { client } = await connected({ errorShape: "cause" });
    const error = (await failureOf(write(client, rows))) as BatchRefusedError;
    expect(error).toBeInstanceOf(BatchRefusedError);
    const reason = "1 error(s): email is not valid user1@";
    expect([error.lines, error.reason]).toEqual([[{ position: 1, reason }], reason]);
    expect(inspect(error, { depth: null, showHidden: true })).not.toMatch(/user1|127\.0\.0\.1/);
  });

  test.each([
    ["3 error(s): L1: a, L2: b; L3: c", ["a", "b", "c"]],
    ["3 error(s): L1: a\nL2: b, or c\nL3: d", ["a", "b, or c", "d"]],
    ["L2: guid: too long", [undefined, "guid: too long"]],
    ["9 error(s): L0: a, L4: b, L3: c", [undefined, undefined, "c"]],
    ["nothing of lines", []],
  ])("finds the lines in %j", async (message, reasons) => {
    const { client, sandbox } = await connected();
    sandbox.faults.push(answer(422, { status: "INVALID_REQUEST", message }));
    const { lines } = (await failureOf(write(client, rows))) as BatchRefusedError;
    const expected = reasons.flatMap((reason, position) =>
      reason === undefined ? [] : [{ position, reason }],
    );
    expect(lines).toEqual(expected);
  });

  test.each([
    [413, "<html>too large</html>"],
    [400, "Bad Request"],
    [422, { problem: 1 }],
  ])("takes status %i for a refused batch, even without a line", async (status, body) => {
    const { client, sandbox } = await connected();
    sandbox.faults.push(answer(status, body));
    const error = await failureOf(write(client, rows));
    expect(error).toBeInstanceOf(BatchRefusedError);
    expect((error as BatchRefusedError).lines).toEqual([]);
  });

  test.each([
    [403, "does the account include this call?"],
    [404, "does the account have a list 123?"],
    [302, "it is a redirect, which is not followed; is the provider's baseUrl right?"],
    [409, "the request is not what the provider expects"],
  ])("takes status %i for a refusal, with a hint", async (status, hint) => {
    const { client, sandbox } = await connected();
    sandbox.faults.push(answer(status, { cause: "user1@" }));
    const error = await failureOf(write(client, rows));
    expect(error).toBeInstanceOf(ProviderRefusalError);
    expect(error.message).toContain(`${describeStatus(status)}: ${hint}`);
  });

  test("is retried when its answer is lost, which changes nothing more", async () => {
    const { client, sandbox } = await connected();
    let sent = 0;
    sandbox.faults.push({
      match: { method: "POST", path: /subscribers$/ },
      times: 1,
      fault: { kind: "lost" },
    });
    await write(client, rows.slice(0, 1), () => sent++);
    expect([sent, sandbox.list(listId).size]).toEqual([2, 31]);
  });
});

describe("a body that is not what it should be", () => {
  test.each([
    ["garbage", ProviderUnavailableError, "a body that is not JSON"],
    ["cut", ProviderUnavailableError, "a body cut short"],
    ["wrongShape", ProviderContractError, "subscribed: Invalid input: expected number"],
  ] as const)("%s is requested again, and ends in an error", async (kind, type, problem) => {
    const { client, session, sandbox } = await connected();
    sandbox.faults.push({ match: { path: /count$/ }, fault: { kind } });
    const error = await failureOf(client.count(signal));
    expect(error).toBeInstanceOf(type);
    expect(error.message).toContain(problem);
    expect(session.http.requests).toEqual({ sent: 4, retried: 2 });
  });
});

test("waits for nothing beyond the end of the function", async () => {
  const sandbox = await sandboxWith({ lists: [{ id: listId }] });
  const session = createSession({ ...optionsFor(sandbox), deadline: Date.now() + 20_000 });
  const fault = { kind: "status", status: 503, retryAfter: 30, body: {} } as const;
  sandbox.faults.push({ match: { path: /count$/ }, fault });
  const { message } = await failureOf(createOwnpageClient(session, listId).count(signal));
  expect(message).toContain(
    "failed once with status 503 (Service Unavailable); the provider asks to wait until 20",
  );
});

describe("importing a file", () => {
  test("sends the list and the URL to the provider, and keeps the URL out of errors", async () => {
    const { client, sandbox } = await connected();
    const url = `${sandbox.url}/export.csv?X-Amz-Signature=s3cret`;
    sandbox.faults.push({
      match: { path: /files/ },
      fault: {
        kind: "status",
        status: 200,
        body: { id: 12, status: "uploaded", email_list_id: 123, new: 1 },
      },
    });
    const file = await client.importFile({ listId, url }, signal);
    expect(file).toEqual({ id: 12, status: "uploaded" });
    expect(sandbox.requests.at(-1)?.body).toEqual({ email_list_id: 123, url });
    sandbox.faults.splice(0);
    const error = await failureOf(client.importFile({ listId: 999, url }, signal));
    expect(error).toBeInstanceOf(ProviderRefusalError);
    expect(inspect(error, { depth: null })).not.toMatch(/s3cret|127\.0\.0\.1/);
  });
});

describe("the double opt-in", () => {
  const form = { trackingKey: "tracking-key", formKey: "form-key" };

  test("is requested without a token", async () => {
    const { client, sandbox } = await connected();
    await client.optIn(form, { email: "new@example.fr", data_firstname: "Zoé" }, signal);
    expect(sandbox.pendingOptIns).toEqual([{ email: "new@example.fr", data_firstname: "Zoé" }]);
    expect(sandbox.requests.map(({ path }) => path)).toEqual(["/subscribe/tracking-key"]);
  });

  test("waits when the provider says so", async () => {
    const { client, sandbox } = await connected();
    const fault = { kind: "status", status: 429, retryAfter: 12, body: {} } as const;
    sandbox.faults.push({ match: { path: /subscribe/ }, times: 1, fault });
    await client.optIn(form, { email: "new@example.fr" }, signal);
    expect(sandbox.pendingOptIns).toHaveLength(1);
  });

  test("of an unknown form is refused", async () => {
    const { client } = await connected();
    const error = await failureOf(client.optIn({ ...form, formKey: "k3y" }, { email: "a@b.fr" }, signal));
    expect(error).toBeInstanceOf(ProviderRefusalError);
    expect(error.message).toContain("POST /subscribe/{trackingKey} was refused with status 400");
  });
});
