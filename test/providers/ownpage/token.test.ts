import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { CredentialError } from "../../../functions/domain/errors.ts";
import {
  ProviderContractError,
  ProviderRefusalError,
  ProviderUnavailableError,
} from "../../../functions/domain/provider-errors.ts";
import { createOwnpageClient } from "../../../functions/providers/ownpage/client.ts";
import { createSession } from "../../../functions/providers/ownpage/session.ts";
import type { SandboxOptions } from "../../../infra/sandbox/ownpage/sandbox-options.ts";
import { callsOf, failureOf, listId, optionsFor, sandboxWith, signal } from "./connect.ts";

const post = "POST /token";
const get = "GET /token";
const count = "GET /newsletters/lists/LIST_ID/subscribers/count";

async function connected(options: SandboxOptions = {}) {
  const sandbox = await sandboxWith({ lists: [{ id: listId, synthetic: 3 }], ...options });
  const session = createSession(optionsFor(sandbox));
  return { sandbox, session, client: createOwnpageClient(session, listId) };
}

describe("the token", () => {
  test("is requested once, however many calls wait for it", async () => {
    const { sandbox, client } = await connected();
    await Promise.all(Array.from({ length: 8 }, () => client.count(signal)));
    await client.count(signal);
    expect(callsOf(sandbox)).toEqual([post, ...Array(9).fill(count)]);
    expect(sandbox.requests[0]?.body).toEqual({ username: "demo", password: "demo-key" });
  });

  test("is requested in the older form, percent-encoded, where the other does not exist, and from then on", async () => {
    const credentials = { client: "le journal & co", apiKey: "clé/+?=%" };
    const { sandbox, client } = await connected({ tokenForms: "get", credentials });
    await client.count(signal);
    sandbox.expireTokens();
    await client.count(signal);
    expect(callsOf(sandbox)).toEqual([post, get, count, count, get, count]);
  });

  test("that has expired is renewed once for eight calls, and each of them is repeated once", async () => {
    const { sandbox, session, client } = await connected();
    await client.count(signal);
    sandbox.expireTokens();
    await Promise.all(Array.from({ length: 8 }, () => client.count(signal)));
    expect(callsOf(sandbox).filter((call) => call === post)).toHaveLength(2);
    expect(callsOf(sandbox).filter((call) => call === count)).toHaveLength(1 + 8 + 8);
    expect(session.http.requests).toEqual({ sent: 19, retried: 8 });
  });

  test("that is refused as soon as it is issued ends in an error that names the secret", async () => {
    const { sandbox, client } = await connected({ tokenCalls: 0 });
    const error = await failureOf(client.count(signal));
    expect(error).toBeInstanceOf(CredentialError);
    expect(error.message).toContain('the secret "newsletter-sync/ownpage" does not work');
    expect(callsOf(sandbox)).toEqual([post, count, post, count]);
  });

  test("is not accepted with characters that a header cannot hold", async () => {
    const { sandbox, client } = await connected();
    const body = { token: "s3cret\nx: y" };
    sandbox.faults.push({ match: { path: /token/ }, fault: { kind: "status", status: 200, body } });
    const error = await failureOf(client.count(signal));
    expect(error).toBeInstanceOf(ProviderContractError);
    expect(inspect(error, { depth: null })).not.toContain("s3cret");
  });
});

describe("credentials that are refused", () => {
  test.each(["post", "get"] as const)("are sent once and never again, in the %s form", async (tokenForms) => {
    const sandbox = await sandboxWith({ tokenForms, lists: [{ id: listId }] });
    const readSecret = async () => ({ client: "demo", apiKey: "wr0ng" });
    const client = createOwnpageClient(createSession({ ...optionsFor(sandbox), readSecret }), listId);
    const calls = Array.from({ length: 4 }, () => failureOf(client.count(signal)));
    const error = (await Promise.all(calls))[0]!;
    await failureOf(client.count(signal));
    expect(error).toBeInstanceOf(CredentialError);
    expect(error.message).toContain("newsletter-sync/ownpage");
    expect(inspect(error, { depth: null, showHidden: true })).not.toMatch(/wr0ng|demo|127\.0\.0\.1/);
    expect(callsOf(sandbox)).toEqual(tokenForms === "post" ? [post] : [post, get]);
  });

  test("include those in a secret of another shape", async () => {
    const sandbox = await sandboxWith({});
    const readSecret = async () => ({ username: "demo", password: "wr0ng" });
    const client = createOwnpageClient(createSession({ ...optionsFor(sandbox), readSecret }), listId);
    const error = await failureOf(client.count(signal));
    expect(error).toBeInstanceOf(CredentialError);
    expect(inspect(error)).not.toContain("wr0ng");
    expect(sandbox.requests).toEqual([]);
  });
});

describe("a token request that fails for another reason", () => {
  test("is retried, and the next call begins anew", async () => {
    const { sandbox, client } = await connected();
    sandbox.faults.push({
      match: { path: /token/ },
      times: 3,
      fault: { kind: "status", status: 503, body: {} },
    });
    expect(await failureOf(client.count(signal))).toBeInstanceOf(ProviderUnavailableError);
    expect(await client.count(signal)).toMatchObject({ subscribed: 3 });
  });

  test.each([
    [404, "GET /token was refused with status 404 (Not Found): is the provider's baseUrl right?"],
    [302, "POST /token was refused with status 302 (Found): it is a redirect, which is not followed"],
  ])("with status %i points to the base URL, not to the credentials", async (status, message) => {
    const { sandbox, client } = await connected();
    sandbox.faults.push({ match: { path: /token/ }, fault: { kind: "status", status, body: {} } });
    const error = await failureOf(client.count(signal));
    expect(error).toBeInstanceOf(ProviderRefusalError);
    expect(error.message).toContain(message);
  });
});
