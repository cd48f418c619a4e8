import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
  BatchRefusedError,
  ProviderRefusalError,
  ProviderUnavailableError,
  QuotaExceededError,
} from "../../../functions/domain/provider-errors.ts";
import { dailyList } from "../../../infra/sandbox/constant-contact/sandbox-options.ts";
import type { Fault } from "../../../infra/sandbox/fault.ts";
import { failureOf, openWorld, signal, type World } from "./connect.ts";

const rows = async () => [{ email: "ada@example.fr" }];
const importOne = (world: World) => world.client().importJson(rows, [dailyList], signal);
const imports = ({ calls }: World) => calls.filter((call) => call.endsWith("contacts_json_import")).length;

/** A sandbox whose calls of this path fail so often, and the times at which they came. */
async function failing(path: string, fault: Fault, times?: number) {
  const world = await openWorld();
  world.sandbox.faults.push({ match: { path }, ...(times && { times }), fault });
  const cameAt: number[] = [];
  world.sandbox.onRequest((request) => {
    if (request.path.includes(path)) cameAt.push(world.clock.now());
  });
  return { world, cameAt };
}

const status = (status: number, body?: unknown): Fault => ({
  kind: "status",
  status,
  ...(body ? { body } : {}),
});
const gateway = (error_key: string) => ({ error_key, error_message: "Read ada@example.fr" });

describe("the pace", () => {
  test("keeps calls within what the provider takes a second, and spends nothing on refusals", async () => {
    const world = await openWorld({ requestsPerSecond: 4, tokenRequestsPerSecond: 1 });
    const client = world.client();
    for (let call = 0; call < 20; call++) await client.list(dailyList, signal);
    expect(world.sandbox.requests.map((request) => request.status)).toEqual(Array(21).fill(200));
    expect(world.clock.now()).toBeGreaterThan(6_000);
  });
});

describe("too many requests", () => {
  test.each([
    ["in a second", gateway("throttled")],
    ["of a kind that is not documented", [gateway("contacts.api.too_many_requests")]],
    ["in a body that is not JSON", undefined],
  ])("%s: the call waits at least a second, and is repeated", async (_, body) => {
    const { world, cameAt } = await failing("lists", status(429, body), 2);
    await world.client().list(dailyList, signal);
    expect(cameAt).toHaveLength(3);
    expect(cameAt[1]! - cameAt[0]!).toBeGreaterThanOrEqual(1_000);
    expect(cameAt[2]! - cameAt[1]!).toBeGreaterThanOrEqual(1_000);
  });

  test("in a day: the call ends at once, and says when the quota is reset", async () => {
    const world = await openWorld();
    const client = world.client();
    await client.list(dailyList, signal);
    world.sandbox.quota.usedToday = 10_000;
    const sent = world.calls.length;
    const error = await failureOf(client.list(dailyList, signal));
    expect(error).toBeInstanceOf(QuotaExceededError);
    expect(error).toMatchObject({ actor: "next run" });
    expect(error.message).toContain("It is reset at 2026-03-02T00:00:00.000Z");
    expect(world.calls).toHaveLength(sent + 1);
  });

  test("activities in the queue: the call waits for it to empty, however that is said", async () => {
    for (const body of [
      [gateway("contacts.api.too_many_requests")],
      gateway("contacts.api.full"),
      "<html>",
    ]) {
      const { world, cameAt } = await failing("json_import", status(429, body), 3);
      await importOne(world);
      expect(cameAt[3]! - cameAt[0]!).toBe(90_000);
    }
  });

  test("wait as long as the provider asks, if it does", async () => {
    const { world, cameAt } = await failing("json_import", { kind: "status", status: 429, retryAfter: 7 }, 1);
    await importOne(world);
    expect(cameAt[1]! - cameAt[0]!).toBe(7_000);
  });
});

describe("an activity", () => {
  const unsure: [string, Fault][] = [
    ["whose answer was lost", { kind: "lost" }],
    ["whose answer was cut", { kind: "cut" }],
    ["that is answered with 503", status(503)],
  ];
  test.each(unsure)("%s is not started again", async (_, fault) => {
    const { world } = await failing("json_import", fault);
    expect(await failureOf(importOne(world))).toBeInstanceOf(ProviderUnavailableError);
    expect(imports(world)).toBe(1);
  });

  test("that was throttled or unauthorised was not started, and is", async () => {
    for (const fault of [status(429, gateway("throttled")), status(401, gateway("unauthorized"))]) {
      const { world } = await failing("json_import", fault, 1);
      expect(await importOne(world)).toMatchObject({ errors: [] });
      expect(world.sandbox.membersOf(dailyList)).toEqual(["ada@example.fr"]);
    }
  });

  test("is made of what its rows are when it is sent", async () => {
    const { world } = await failing("json_import", status(429), 1);
    let asked = 0;
    await world.client().importJson(async () => [{ email: `${++asked}@example.fr` }], [dailyList], signal);
    expect(world.sandbox.membersOf(dailyList)).toEqual(["2@example.fr"]);
  });

  test("that is refused for its rows is a refused batch, whose words are for the quarantine only", async () => {
    const body = [{ error_key: "contacts.api.validation.error", error_message: "ada@example.fr is bad" }];
    const { world } = await failing("json_import", status(400, body));
    const error = await failureOf(importOne(world));
    expect(error).toBeInstanceOf(BatchRefusedError);
    expect(error).toMatchObject({
      lines: [],
      reason: "contacts.api.validation.error: ada@example.fr is bad",
    });
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain("ada@");
  });
});

describe("a refused call", () => {
  test.each([
    [403, gateway("unauthorized"), 'was the scope contact_data granted? "npm run connect'],
    [404, [gateway("contacts.api.not_found")], `does the account have a list ${dailyList}?`],
    [400, [gateway("contacts.api.validation.error")], "(contacts.api.validation.error)"],
    [409, [gateway("contacts.api.conflict")], "(contacts.api.conflict)"],
    [302, undefined, "it is a redirect, which is not followed"],
    [400, [gateway("ada@example.fr")], "the request is not what the provider expects"],
    [400, "<html>ada@example.fr</html>", "the request is not what the provider expects"],
    [400, { error: "invalid_request", error_description: "ada@example.fr" }, "(invalid_request)"],
  ])(
    "with %i says what it is about, and nothing of the provider's words but a known key",
    async (code, body, told) => {
      const { world } = await failing("lists", status(code, body));
      const error = await failureOf(world.client().list(dailyList, signal));
      expect(error).toBeInstanceOf(ProviderRefusalError);
      expect(error.message).toContain(told);
      expect(inspect(error, { depth: null, showHidden: true })).not.toMatch(
        /example\.fr|127\.0\.0\.1|Bearer/,
      );
    },
  );

  test("for a scope that was not granted points to the way to authorise anew", async () => {
    const world = await openWorld({ scopes: ["account_read", "offline_access"] });
    const error = await failureOf(world.client().list(dailyList, signal));
    expect(error.message).toContain("status 403 (Forbidden): does its user manage contacts");
  });
});

test("a read is repeated after an outage, and an outage that lasts is the next run's", async () => {
  const passing = await failing("lists", { kind: "status", status: 503, html: "<h1>Outage</h1>" }, 2);
  await passing.world.client().list(dailyList, signal);
  expect(passing.cameAt).toHaveLength(3);
  const lasting = await failing("lists", { kind: "lost" });
  const error = await failureOf(lasting.world.client().list(dailyList, signal));
  expect(error).toBeInstanceOf(ProviderUnavailableError);
});
