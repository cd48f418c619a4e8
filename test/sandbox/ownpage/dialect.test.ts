import { expect, test } from "vitest";
import type { SandboxOptions } from "../../../infra/sandbox/ownpage/sandbox-options.ts";
import { startSandbox } from "../../../infra/sandbox/ownpage/start-sandbox.ts";
import { connect } from "./connect.ts";

const list = "/newsletters/lists/123/subscribers";
const subscribers = [
  { email: "ana@example.fr", guid: "a", data_firstname: "Ana" },
  { email: "bob@example.fr", subscribed: false, unsubscribed_cause: "PUBLISHER" },
];

async function rowsIn(dialect: SandboxOptions): Promise<Record<string, unknown>[]> {
  await using sandbox = await startSandbox({ ...dialect, lists: [{ id: 123, subscribers }] });
  return (await (await connect(sandbox)).read(`${list}?status=all`)) as Record<string, unknown>[];
}

const bare = ["email", "guid", "subscribed", "subscribed_at"];
const counters = ["send_count", "open_count", "click_count"];

test("rows may come without data_*", async () => {
  const [ana] = await rowsIn({ returnsData: false });
  expect(Object.keys(ana!)).toEqual([...bare, ...counters]);
});

test("rows may be minimal, with or without the opt-out", async () => {
  const [ana, bob] = await rowsIn({ minimalRows: true });
  expect(Object.keys(ana!)).toEqual(bare);
  expect(Object.keys(bob!)).toEqual([...bare, "unsubscribed_at", "unsubscribed_cause"]);
  for (const row of await rowsIn({ minimalRows: "bare" })) expect(Object.keys(row)).toEqual(bare);
});

test("fields without a value may be null", async () => {
  const [ana] = await rowsIn({ absentFields: "null" });
  expect(ana).toMatchObject({
    unsubscribed_at: null,
    last_open_at: null,
    send_count: 0,
    data_firstname: "Ana",
  });
});

test("the count may differ from what is listed", async () => {
  await using sandbox = await startSandbox({ countDifference: -1, lists: [{ id: 123, subscribers }] });
  const counts = await (await connect(sandbox)).read(`${list}/count`);
  expect(counts).toEqual({ subscribed: 0, unsubscribed: 1, cause: { PUBLISHER: 1 } });
});

test("the error may name the first bad row only, without its line", async () => {
  await using sandbox = await startSandbox({ errorShape: "cause" });
  const { write } = await connect(sandbox);
  const answer = await write([{ email: "a@example.fr" }, { email: "user1@" }, { email: "user2@" }]);
  expect(answer).toEqual({ status: 400, cause: "1 error(s): email is not valid user1@" });
});

test("a row without a guid may reset that of a known address to md5(email)", async () => {
  await using sandbox = await startSandbox({ resetsGuid: true, lists: [{ id: 123, subscribers }] });
  const answer = await (await connect(sandbox)).write({ email: "ana@example.fr" });
  expect(answer).toMatchObject({ report: { nb_data_changed: 1 } });
  expect(sandbox.list(123).get("ana@example.fr")?.guid).toBe("a13a2b7cb60dc0f26db5799fadf0cddd");
});

test("the provider may refuse addresses that look valid", async () => {
  await using sandbox = await startSandbox({ acceptsEmail: (email) => !email.endsWith("@refused.fr") });
  const answer = await (await connect(sandbox)).write({ email: "a@refused.fr" });
  expect(answer).toMatchObject({ message: "1 error(s): L1: email is missing or invalid" });
});

test.each([
  ["reported", ["L2: email is missing or invalid"], 1],
  ["reported as objects", [{ line: 2, email: "user1@", message: "email is missing or invalid" }], 1],
  ["reported, but applied", ["L2: email is missing or invalid"], 2],
] as const)("bad rows may be %s in an accepted request", async (badRows, errors, created) => {
  await using sandbox = await startSandbox({ badRows });
  const { write } = await connect(sandbox);
  const answer = await write([{ email: "a@example.fr" }, { email: "user1@" }]);
  expect(answer).toMatchObject({ report: { errors, nb_created: created } });
  expect(sandbox.writes).toHaveLength(created);
});
