import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { startSandbox } from "../../../infra/sandbox/constant-contact/start-sandbox.ts";
import { connect, refresh, shownIn } from "./connect.ts";

const callback = "http://localhost:8976/callback";

const authorizeUrl = (base: string, parameters: Record<string, string>) =>
  `${base}?${new URLSearchParams({
    client_id: "demo",
    redirect_uri: callback,
    response_type: "code",
    state: "abc",
    scope: "contact_data offline_access",
    ...parameters,
  })}`;

const follow = (url: string) => fetch(url, { redirect: "manual" });
const basic = { authorization: `Basic ${Buffer.from("demo:demo-secret").toString("base64")}` };

describe("authorising", () => {
  const verifier = "a".repeat(43);
  const code_challenge = createHash("sha256").update(verifier).digest("base64url");
  const challenge = { code_challenge, code_challenge_method: "S256" };

  const exchange = (url: string, code: string, more: Record<string, string> = { code_verifier: verifier }) =>
    fetch(url, {
      method: "POST",
      headers: basic,
      body: new URLSearchParams({ grant_type: "authorization_code", code, redirect_uri: callback, ...more }),
    });

  const codeOf = async (base: string, parameters: Record<string, string> = challenge) => {
    const answer = await follow(authorizeUrl(base, parameters));
    return new URL(answer.headers.get("location")!).searchParams.get("code")!;
  };

  test("sends the browser back with a code and the state, and the code is exchanged for tokens", async () => {
    const { sandbox } = await connect();
    const answer = await follow(authorizeUrl(sandbox.authorizeUrl, challenge));
    const location = new URL(answer.headers.get("location")!);
    expect([answer.status, location.origin + location.pathname]).toEqual([302, callback]);
    expect(location.searchParams.get("state")).toBe("abc");
    const tokens = await shownIn(await exchange(sandbox.tokenUrl, location.searchParams.get("code")!));
    expect(tokens).toEqual({
      token_type: "Bearer",
      expires_in: 86_400,
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      refresh_token: expect.stringMatching(/^.{42}$/),
      scope: "contact_data offline_access",
    });
    expect((await refresh(sandbox, tokens.refresh_token)).status).toBe(200);
  });

  test("spends a code by its first exchange, good or bad", async () => {
    const { sandbox } = await connect();
    const code = await codeOf(sandbox.authorizeUrl);
    expect((await exchange(sandbox.tokenUrl, code, { code_verifier: "wrong" })).status).toBe(400);
    const answer = await exchange(sandbox.tokenUrl, code);
    expect([answer.status, (await shownIn(answer)).error]).toEqual([400, "invalid_grant"]);
  });

  test("needs the verifier of a code that was asked for with a challenge, and the same page to go back to", async () => {
    const { sandbox } = await connect();
    for (const more of [{}, { code_verifier: verifier, redirect_uri: "http://localhost/other" }]) {
      expect((await exchange(sandbox.tokenUrl, await codeOf(sandbox.authorizeUrl), more)).status).toBe(400);
    }
    const plain = await codeOf(sandbox.authorizeUrl, {});
    expect((await exchange(sandbox.tokenUrl, plain, {})).status).toBe(200);
  });

  test("gives a code that lives for 300 seconds", async () => {
    const { sandbox, clock } = await connect();
    const [soon, late] = [await codeOf(sandbox.authorizeUrl), await codeOf(sandbox.authorizeUrl)];
    clock.pass(300);
    expect((await exchange(sandbox.tokenUrl, soon)).status).toBe(200);
    clock.pass(1);
    expect((await exchange(sandbox.tokenUrl, late)).status).toBe(400);
  });

  test("gives no refresh token without the scope offline_access", async () => {
    const { sandbox } = await connect();
    const code = await codeOf(sandbox.authorizeUrl, { ...challenge, scope: "contact_data" });
    expect(await (await exchange(sandbox.tokenUrl, code)).json()).not.toHaveProperty("refresh_token");
  });

  test("shows a page with 400 to an unknown client, without a state, and for a page that is not registered", async () => {
    const { sandbox } = await connect();
    const wrong = [{ client_id: "x" }, { state: "" }, { redirect_uri: "https://example.org/" }];
    for (const parameters of wrong) {
      expect((await follow(authorizeUrl(sandbox.authorizeUrl, parameters))).status).toBe(400);
    }
    const { sandbox: strict } = await connect({ redirectUris: ["http://localhost:1/x"] });
    expect((await follow(authorizeUrl(strict.authorizeUrl, {}))).status).toBe(400);
  });

  test("sends the browser back with an error if the person refuses", async () => {
    const { sandbox } = await connect({ consent: "denied" });
    const { searchParams } = new URL(
      (await follow(authorizeUrl(sandbox.authorizeUrl, challenge))).headers.get("location")!,
    );
    expect([searchParams.get("error"), searchParams.get("state")]).toEqual(["access_denied", "abc"]);
  });

  test("takes a public client at its word and by its verifier, and a confidential one by its secret", async () => {
    const { sandbox: secretive } = await connect();
    const code = await codeOf(secretive.authorizeUrl);
    const byId = (code: string) =>
      new URLSearchParams({
        grant_type: "authorization_code",
        client_id: "demo",
        code,
        redirect_uri: callback,
        code_verifier: verifier,
      });
    const refused = await fetch(secretive.tokenUrl, { method: "POST", body: byId(code) });
    expect([refused.status, (await shownIn(refused)).error]).toEqual([401, "invalid_client"]);
    await using open = await startSandbox({ client: "public" });
    const accepted = byId(await codeOf(open.authorizeUrl));
    expect((await fetch(open.tokenUrl, { method: "POST", body: accepted })).status).toBe(200);
  });
});

describe("a refresh", () => {
  test("answers with the token's life as a text", async () => {
    const { sandbox } = await connect({ refreshTokens: "the same", accessTokenSeconds: 28_800 });
    expect(await (await refresh(sandbox)).json()).toMatchObject({
      token_type: "Bearer",
      expires_in: "28800",
    });
  });

  test("takes its parameters from the query, too", async () => {
    const { sandbox } = await connect({ refreshTokens: "the same" });
    const query = "grant_type=refresh_token&refresh_token=demo-refresh-token";
    const answer = await fetch(`${sandbox.tokenUrl}?${query}`, { method: "POST", headers: basic });
    expect(answer.status).toBe(200);
  });

  test("that rotates gives a new token, and spends the old one", async () => {
    const { sandbox } = await connect({ refreshTokens: "rotating" });
    const spent = await refresh(sandbox);
    expect([spent.status, await spent.json()]).toEqual([
      400,
      { error: "invalid_grant", error_description: "The refresh token is invalid or expired." },
    ]);
  });

  test("whose answer is lost has spent the token all the same", async () => {
    await using sandbox = await startSandbox({ tokenRequestsPerSecond: 2 });
    sandbox.faults.push({ match: { path: "token$" }, times: 1, fault: { kind: "lost" } });
    await expect(refresh(sandbox)).rejects.toThrow();
    expect((await refresh(sandbox)).status).toBe(400);
  });

  test("with a spent token may revoke everything that was granted", async () => {
    const { sandbox, send } = await connect({ spentRefreshToken: "everything is revoked" });
    expect((await send("GET", "/contacts")).status).toBe(200);
    expect((await refresh(sandbox)).status).toBe(400);
    expect((await send("GET", "/contacts")).status).toBe(401);
  });

  test.each([
    ["the same", "demo-refresh-token"],
    ["none", undefined],
  ] as const)("of a token that lives long answers with %s", async (refreshTokens, expected) => {
    const { sandbox } = await connect({ refreshTokens });
    for (let time = 0; time < 2; time++) {
      expect((await shownIn(await refresh(sandbox))).refresh_token).toBe(expected);
    }
  });

  test("is refused after 180 days without one", async () => {
    const { sandbox, clock } = await connect({ refreshTokens: "the same" });
    clock.pass(180 * 86_400);
    expect((await refresh(sandbox)).status).toBe(200);
    clock.pass(180 * 86_400 + 1);
    expect((await refresh(sandbox)).status).toBe(400);
  });

  test("is possible once a second, and more often answered with 429", async () => {
    const { sandbox, clock } = await connect({ refreshTokens: "the same", tokenRequestsPerSecond: 1 });
    expect((await refresh(sandbox)).status).toBe(429);
    clock.pass(1);
    expect((await refresh(sandbox)).status).toBe(200);
  });

  test.each([
    [{}, "invalid_request"],
    [{ grant_type: "password" }, "unsupported_grant_type"],
    [{ grant_type: "refresh_token" }, "invalid_grant"],
  ])("with %j is answered with %s", async (body, error) => {
    const { sandbox } = await connect();
    const request = { method: "POST", headers: basic, body: new URLSearchParams(body) };
    expect((await shownIn(await fetch(sandbox.tokenUrl, request))).error).toBe(error);
  });
});

describe("an access token", () => {
  test("expires, and is answered with 401 and one object then", async () => {
    const { send, clock } = await connect();
    clock.pass(86_399);
    expect((await send("GET", "/contacts")).status).toBe(200);
    clock.pass(1);
    const answer = await send("GET", "/contacts");
    expect([answer.status, await answer.json()]).toEqual([
      401,
      { error_key: "unauthorized", error_message: "Unauthorized" },
    ]);
  });

  test("tells in its claims whose it is, and when it expires", async () => {
    const { token, clock } = await connect();
    const claims = JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString());
    expect(claims).toMatchObject({ cid: "demo", exp: clock.now().getTime() / 1_000 + 86_400 });
    expect(token.length).toBeGreaterThan(1_000);
  });

  test("is revoked when the owner takes back what was granted, and no refresh helps", async () => {
    const { sandbox, send } = await connect({ refreshTokens: "the same" });
    sandbox.expireAccessTokens();
    expect((await send("GET", "/contacts")).status).toBe(401);
    expect((await refresh(sandbox)).status).toBe(200);
    sandbox.revokeTokens();
    expect((await refresh(sandbox)).status).toBe(400);
  });

  test("that is missing is answered with 401, or with 403 in that dialect", async () => {
    for (const missingTokenStatus of [401, 403] as const) {
      const { sandbox } = await connect({ missingTokenStatus });
      expect((await fetch(`${sandbox.url}/contacts`)).status).toBe(missingTokenStatus);
    }
  });

  test("allows what its scopes say", async () => {
    const { send } = await connect();
    expect((await send("GET", "/account/summary")).status).toBe(403);
    const { read } = await connect({ scopes: ["contact_data", "account_read", "offline_access"] });
    expect(await read("/account/summary")).toHaveProperty("encoded_account_id");
  });
});
