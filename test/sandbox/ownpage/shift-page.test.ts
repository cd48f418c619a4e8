import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { type Sandbox, startSandbox } from "../../../infra/sandbox/ownpage/start-sandbox.ts";
import { type Connection, connect } from "./connect.ts";

const path = "/newsletters/lists/123/subscribers";

let sandbox: Sandbox;
let connection: Connection;

beforeEach(async () => {
  sandbox = await startSandbox({ lists: [{ id: 123, synthetic: 9 }] });
  connection = await connect(sandbox);
  onTestFinished(() => sandbox.stop());
});

describe("a page", () => {
  const numbers = async (offset: number) => {
    const rows = (await connection.read(`${path}?status=all&count=3&offset=${offset}`)) as {
      email: string;
    }[];
    return rows.map(({ email }) => Number(email.slice(7, 8)));
  };
  const read = async () => [...(await numbers(0)), ...(await numbers(3)), ...(await numbers(6))];

  test("that repeats the last row of the one before lacks a row of its own", async () => {
    sandbox.faults.push({ match: { query: { offset: 3 } }, fault: { kind: "repeatRows" } });
    expect(await read()).toEqual([0, 1, 2, 2, 3, 4, 6, 7, 8]);
  });

  test("that skips a row shows a row of the next one", async () => {
    sandbox.faults.push({ match: { query: { offset: 3 } }, fault: { kind: "skipRows" } });
    expect(await read()).toEqual([0, 1, 2, 4, 5, 6, 6, 7, 8]);
  });

  test("and all after it, if they skip a row, leave one row out", async () => {
    sandbox.faults.push({ match: { path }, after: 1, fault: { kind: "skipRows" } });
    expect(await read()).toEqual([0, 1, 2, 4, 5, 6, 7, 8]);
  });
});
