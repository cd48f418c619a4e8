import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { CredentialError } from "../../../functions/domain/errors.ts";
import { ProviderRefusalError, ProviderUnavailableError } from "../../../functions/domain/provider-errors.ts";
import { accountName } from "../../../functions/providers/constant-contact/account-name.ts";
import { dailyList } from "../../../infra/sandbox/constant-contact/sandbox-options.ts";
import { failureOf, openWorld, secretName, signal, start, type World } from "./connect.ts";

const post = "POST /oauth2/default/v1/token";
const list = "GET /contact_lists/LIST_ID";

const secretOf = ({ secrets }: World) => secrets.get(secretName)!;
const renewals = ({ calls }: World) => calls.filter((call) => call === post).length;
const hours = (count: number) => count * 3_600_000;

describe("an access token", () => {
  test("is asked for once, however many calls wait for it", async () => {
    const world = await openWorld();
    const client = world.client();
    await Promise.all(Array.from({ length: 6 }, () => client.list(dailyList, signal)));
    expect(world.calls).toEqual([post, ...Array(6).fill(list)]);
  });

  test("that is good is taken from the secret by the next function", async () => {
    const world = await openWorld();
    await world.client().list(dailyList, signal);
    world.clock.time += hours(23);
    await world.client().list(dailyList, signal);
    expect(world.calls).toEqual([post, list, list]);
  });

  test("that ends within five minutes is renewed before it does", async () => {
    const world = await openWorld();
    await world.client().list(dailyList, signal);
    world.clock.time = start + hours(24) - 299_000;
    await world.client().list(dailyList, signal);
    expect(world.calls).toEqual([post, list, post, list]);
  });

  test.each([86_400, 28_800])(
    "lives as long as the provider says: %i seconds, as a text",
    async (seconds) => {
      const world = await openWorld({ accessTokenSeconds: seconds });
      await world.client().list(dailyList, signal);
      expect(secretOf(world)["expiresAt"]).toBe(new Date(start + seconds * 1_000).toISOString());
    },
  );

  test("that stopped working is renewed once for all calls, and each of them is repeated once", async () => {
    const world = await openWorld();
    const client = world.client();
    await client.list(dailyList, signal);
    world.sandbox.expireAccessTokens();
    await Promise.all(Array.from({ length: 4 }, () => client.list(dailyList, signal)));
    expect(renewals(world)).toBe(2);
    expect(world.calls.filter((call) => call === list)).toHaveLength(1 + 4 + 4);
  });

  test("that stopped working is not taken from the secret again", async () => {
    const world = await openWorld();
    await world.client().list(dailyList, signal);
    world.sandbox.expireAccessTokens();
    await world.client().list(dailyList, signal);
    expect(world.calls).toEqual([post, list, list, post, list]);
  });

  test("that is refused as soon as it is issued ends in an error that names the secret", async () => {
    const world = await openWorld();
    world.sandbox.faults.push({ match: { path: "lists" }, fault: { kind: "status", status: 401 } });
    const error = await failureOf(world.client().list(dailyList, signal));
    expect(error).toBeInstanceOf(CredentialError);
    expect(error.message).toContain(`the secret "${secretName}" does not work`);
    expect(world.calls).toEqual([post, list, post, list]);
  });
});

describe("the refresh token", () => {
  test("that replaces the old one is in the secret before the access token is used, beside what else is there", async () => {
    const world = await openWorld();
    secretOf(world)["note"] = "the account of the daily";
    const seen: Record<string, string>[] = [];
    world.sandbox.onRequest(({ path }) => {
      if (path.includes("lists")) seen.push(secretOf(world));
    });
    await world.client().list(dailyList, signal);
    const { clientId, clientSecret, refreshToken: first } = world.sandbox.credentials;
    expect(seen[0]).toMatchObject({ clientId, clientSecret, note: "the account of the daily" });
    expect(seen[0]?.["refreshToken"]).not.toBe(first);
    expect(seen[0]?.["accessToken"]).toBeTypeOf("string");
  });

  test.each(["the same", "none"] as const)(
    "stays where the provider answers with %s",
    async (refreshTokens) => {
      const world = await openWorld({ refreshTokens });
      await world.client().list(dailyList, signal);
      expect(secretOf(world)["refreshToken"]).toBe(world.sandbox.credentials.refreshToken);
      world.clock.time += hours(25);
      await world.client().list(dailyList, signal);
      expect(renewals(world)).toBe(2);
    },
  );

  test("that replaces the old one is stored even if the run's time is up before it is answered", async () => {
    const world = await openWorld();
    const stop = new AbortController();
    world.sandbox.onRequest(({ path }) => {
      if (path.endsWith("/token")) stop.abort(new Error("the time is up"));
    });
    const error = await failureOf(world.client().list(dailyList, stop.signal));
    expect(error.message).toBe("the time is up");
    expect(secretOf(world)["refreshToken"]).not.toBe(world.sandbox.credentials.refreshToken);
    await world.client().list(dailyList, signal);
  });

  test("that is not answered soon after the time is up is waited for no longer", async () => {
    const world = await openWorld();
    const stop = new AbortController();
    const reason = new Error("the time is up");
    world.sandbox.faults.push({ match: { path: "token" }, times: 9, fault: { kind: "hang" } });
    world.sandbox.onRequest(() => stop.abort(reason));
    const delays: number[] = [];
    const after = (ms: number, act: () => void) => {
      delays.push(ms);
      const timer = setTimeout(act, ms === 1_000 ? 0 : ms);
      return () => clearTimeout(timer);
    };
    const clock = { now: world.clock.now, wait: world.clock.wait, after };
    const client = world.client({ clock, deadline: start + 2_000 });
    expect(await failureOf(client.list(dailyList, stop.signal))).toBe(reason);
    expect(delays).toContain(1_000);
  });

  test("that replaces the old one is stored again and again if that fails", async () => {
    const world = await openWorld();
    const { writeSecret } = world.options();
    let writes = 0;
    const failing: typeof writeSecret = async (...secret) => {
      if (++writes < 4) throw new Error("InternalServiceError");
      await writeSecret(...secret);
    };
    await world.client({ writeSecret: failing }).list(dailyList, signal);
    expect(secretOf(world)["refreshToken"]).not.toBe(world.sandbox.credentials.refreshToken);
  });

  test("of an application without a secret is renewed without one", async () => {
    const world = await openWorld({ client: "public" });
    delete secretOf(world)["clientSecret"];
    await world.client().list(dailyList, signal);
    expect(world.calls).toEqual([post, list]);
    expect(secretOf(world)).not.toHaveProperty("clientSecret");
  });
});

describe("two functions that need a new token at once", () => {
  test("renew it once, though the refresh token is good for one renewal only", async () => {
    const world = await openWorld({ spentRefreshToken: "everything is revoked" });
    const functions = Array.from({ length: 4 }, () => world.client());
    await Promise.all(functions.map((client) => client.list(dailyList, signal)));
    expect(renewals(world)).toBe(1);
  });

  test("share what one of them renewed after the token of both stopped working", async () => {
    const world = await openWorld({ spentRefreshToken: "everything is revoked" });
    const functions = [world.client(), world.client()];
    for (const client of functions) await client.list(dailyList, signal);
    world.sandbox.expireAccessTokens();
    await Promise.all(functions.map((client) => client.list(dailyList, signal)));
    expect(renewals(world)).toBe(2);
  });

  test("renew it once, even if one gets the lock the moment the other has released it", async () => {
    const world = await openWorld();
    await world.client().list(dailyList, signal);
    const before = { ...world.sandbox.credentials };
    let reads = 0;
    const late = world.client({ readSecret: async () => (++reads === 1 ? before : secretOf(world)) });
    await late.list(dailyList, signal);
    expect(renewals(world)).toBe(1);
  });

  test("do not wait longer than half a minute for one that was killed", async () => {
    const world = await openWorld();
    const never = new Promise<never>(() => undefined);
    const killed = world.client({ writeSecret: () => never });
    void killed.list(dailyList, signal);
    await expect.poll(() => renewals(world)).toBe(1);
    // As if it had been killed before the provider answered.
    world.secrets.set(secretName, { ...world.sandbox.credentials, refreshToken: "another" });
    const error = await failureOf(world.client().list(dailyList, signal));
    expect(error).toBeInstanceOf(CredentialError);
    expect(world.clock.now() - start).toBeLessThan(35_000);
    expect(world.clock.now() - start).toBeGreaterThanOrEqual(30_000);
  });

  test("each lock an account of their own", () => {
    expect(accountName("news/cc")).toMatch(/^news-cc-[0-9a-f]{8}$/);
    expect(accountName("news/cc")).not.toBe(accountName("news-cc"));
  });
});

describe("a refresh token that the provider no longer takes", () => {
  test("because a run was killed before it stored the next one: the error says what authorises anew", async () => {
    const world = await openWorld();
    const dying = world.client({ writeSecret: () => Promise.reject(new Error("killed")) });
    expect((await failureOf(dying.list(dailyList, signal))).message).toBe("killed");
    const client = world.client();
    const error = await failureOf(client.list(dailyList, signal));
    await failureOf(client.list(dailyList, signal));
    expect(error).toBeInstanceOf(CredentialError);
    expect(error.message).toContain("npm run connect -- constant-contact");
    expect(world.calls).toEqual([post, post]);
  });

  test("because another one is in the secret by now is followed by that one", async () => {
    const world = await openWorld();
    await world.client().list(dailyList, signal);
    const newest = secretOf(world);
    world.sandbox.expireAccessTokens();
    let reads = 0;
    const readSecret = async () => (++reads <= 2 ? world.sandbox.credentials : newest);
    const stale = world.client({ readSecret });
    delete newest["accessToken"];
    await stale.list(dailyList, signal);
    expect(world.calls).toEqual([post, list, post, post, list]);
  });

  test("because the owner took the consent back", async () => {
    const world = await openWorld();
    await world.client().list(dailyList, signal);
    world.sandbox.revokeTokens();
    const error = await failureOf(world.client().list(dailyList, signal));
    expect(error.message).toContain("no longer takes its refreshToken");
  });

  test("does not keep the account locked", async () => {
    const world = await openWorld();
    secretOf(world)["refreshToken"] = "wr0ng";
    await failureOf(world.client().list(dailyList, signal));
    secretOf(world)["refreshToken"] = world.sandbox.credentials.refreshToken;
    await world.client().list(dailyList, signal);
    expect(world.clock.now() - start).toBeLessThan(5_000);
  });
});

describe("a request for a token", () => {
  test("beyond one a second waits, and is made again", async () => {
    const world = await openWorld();
    const fault = { kind: "status", status: 429, body: { error: "too_many_requests" } } as const;
    world.sandbox.faults.push({ match: { path: "token" }, times: 2, fault });
    const times: number[] = [];
    world.sandbox.onRequest(({ path }) => {
      if (path.includes("token")) times.push(world.clock.now());
    });
    await world.client().list(dailyList, signal);
    expect(times).toHaveLength(3);
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(1_000);
    expect(times[2]! - times[1]!).toBeGreaterThanOrEqual(1_000);
  });

  test("that fails is the next run's, and gives the lock back in time", async () => {
    const world = await openWorld();
    world.sandbox.faults.push({ match: { path: "token" }, times: 5, fault: { kind: "status", status: 503 } });
    expect(await failureOf(world.client().list(dailyList, signal))).toBeInstanceOf(ProviderUnavailableError);
    await world.client().list(dailyList, signal);
    expect(world.clock.now() - start).toBeLessThan(30_000);
  });

  test("at a wrong address points to it, not to the credentials", async () => {
    const world = await openWorld();
    world.sandbox.faults.push({ match: { path: "token" }, fault: { kind: "status", status: 404 } });
    const error = await failureOf(world.client().list(dailyList, signal));
    expect(error).toBeInstanceOf(ProviderRefusalError);
    expect(error.message).toContain("is the provider's tokenUrl right?");
  });

  test.each([
    ["of an unknown application", { clientSecret: "wr0ng" }, "401 (Unauthorized) (invalid_client)"],
    ["with a secret of another shape", { refreshToken: "" }, 'its value is not {"clientId"'],
  ])("%s is an error that names the secret and quotes none of it", async (_, change, problem) => {
    const world = await openWorld();
    world.secrets.set(secretName, { ...world.sandbox.credentials, ...change } as Record<string, string>);
    const error = await failureOf(world.client().list(dailyList, signal));
    expect(error).toBeInstanceOf(CredentialError);
    expect(error.message).toContain(problem);
    expect(inspect(error, { depth: null, showHidden: true })).not.toMatch(/wr0ng|demo|127\.0\.0\.1/);
  });
});
