import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { type Sandbox, startSandbox } from "../../../infra/sandbox/ownpage/start-sandbox.ts";

let time = new Date();
let sandbox: Sandbox;

beforeEach(async () => {
  time = new Date("2026-03-01T12:00:00Z");
  const subscribers = [{ email: "in@example.fr", data_city: "Lyon" }];
  sandbox = await startSandbox({ now: () => time, lists: [{ id: 123, subscribers }] });
  onTestFinished(() => sandbox.stop());
});

const optIn = (fields: Record<string, unknown>, { key = "tracking-key", ip = "192.0.2.1" } = {}) =>
  fetch(`${sandbox.url}/subscribe/${key}`, {
    method: "POST",
    headers: { "X-Forwarded-For": ip },
    body: JSON.stringify({ form_key: "form-key", ...fields }),
  });

describe("a double opt-in", () => {
  test("subscribes once it is confirmed", async () => {
    const answer = await optIn({ email: "new@example.fr", data_city: "Nantes" });
    expect([answer.status, await answer.json()]).toEqual([200, { success: expect.any(String) }]);
    expect(sandbox.list(123).get("new@example.fr")).toBeUndefined();
    sandbox.confirmOptIns();
    expect(sandbox.list(123).get("new@example.fr")).toMatchObject({ subscribed: true, data_city: "Nantes" });
    expect(sandbox.pendingOptIns).toEqual([]);
  });

  test("with update changes a known reader's data at once", async () => {
    await optIn({ email: "in@example.fr", update: true, data_city: "Nantes" });
    expect(sandbox.list(123).get("in@example.fr")).toMatchObject({ data_city: "Nantes" });
    expect(sandbox.pendingOptIns).toEqual([]);
  });

  test.each([
    [{ email: "user1@" }, {}],
    [{}, {}],
    [{ email: "new@example.fr", form_key: "other" }, {}],
    [{ email: "new@example.fr" }, { key: "other" }],
  ])("of %j with %j is refused", async (fields, form) => {
    const answer = await optIn(fields, form);
    expect([answer.status, await answer.json()]).toEqual([400, { status: 400, cause: "Invalid request" }]);
  });

  test("is limited to 5 requests a minute from an IP, and 10 altogether", async () => {
    const statuses = async (ip: string, calls: number) => {
      const seen = [];
      for (let call = 0; call < calls; call++)
        seen.push((await optIn({ email: "new@example.fr" }, { ip })).status);
      return seen;
    };
    expect(await statuses("192.0.2.1", 6)).toEqual([200, 200, 200, 200, 200, 429]);
    expect(await statuses("192.0.2.2", 4)).toEqual([200, 200, 200, 200]);
    expect(await statuses("192.0.2.3", 2)).toEqual([200, 429]);
    time = new Date("2026-03-01T12:01:00Z");
    expect(await statuses("192.0.2.1", 1)).toEqual([200]);
  });
});
