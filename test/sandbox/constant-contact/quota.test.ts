import { expect, test } from "vitest";
import { connect } from "./connect.ts";

test("an API key makes four requests a second; the fifth is answered with one object, and counts for nothing", async () => {
  const { send, sandbox, clock } = await connect({ requestsPerSecond: 4 });
  const statuses = [];
  for (let request = 0; request < 5; request++) statuses.push((await send("GET", "/contact_lists")).status);
  expect(statuses).toEqual([200, 200, 200, 200, 429]);
  const throttled = await send("GET", "/contact_lists");
  expect(await throttled.json()).toEqual({ error_key: "throttled", error_message: "Too Many Requests" });
  expect(throttled.headers.get("retry-after")).toBeNull();
  clock.pass(1);
  expect((await send("GET", "/contact_lists")).status).toBe(200);
  expect(sandbox.quota.usedToday).toBe(5);
});

test("an API key makes 10,000 requests a day, which begins at midnight UTC", async () => {
  const { send, sandbox, clock } = await connect();
  await send("GET", "/contact_lists");
  sandbox.quota.usedToday = 9_999;
  expect((await send("GET", "/contact_lists")).status).toBe(200);
  const exceeded = await send("GET", "/contact_lists");
  expect([exceeded.status, await exceeded.json()]).toEqual([
    429,
    { error_key: "quota_exceeded", error_message: "Limit Exceeded" },
  ]);
  clock.pass(12 * 3_600 - 1);
  expect((await send("GET", "/contact_lists")).status).not.toBe(200);
  clock.pass(1);
  expect(sandbox.quota.usedToday).toBe(10_000);
});

test("an answer with 429 may say when to come back", async () => {
  const second = await connect({ requestsPerSecond: 0, sendsRetryAfter: true });
  expect((await second.send("GET", "/contacts")).headers.get("retry-after")).toBe("1");
  const day = await connect({ requestsPerDay: 0, sendsRetryAfter: true });
  expect((await day.send("GET", "/contacts")).headers.get("retry-after")).toBe("43200");
});

test("every answer has the provider's time and an id by which its support finds it", async () => {
  const { send } = await connect();
  const { headers } = await send("GET", "/contacts");
  expect(headers.get("date")).toBe("Sun, 01 Mar 2026 12:00:00 GMT");
  expect(headers.get("x-eig-tracking-id")).toMatch(/^[0-9a-f-]{36}$/);
});
