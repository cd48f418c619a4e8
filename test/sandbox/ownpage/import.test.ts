import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { type Sandbox, startSandbox } from "../../../infra/sandbox/ownpage/start-sandbox.ts";
import { type Connection, connect } from "./connect.ts";

let csv = "";
const files = createServer((request, response) => {
  response.writeHead(request.url?.startsWith("/daily") ? 200 : 403).end(csv);
});
let filesUrl = "";
let sandbox: Sandbox;
let connection: Connection;

beforeAll(async () => {
  await new Promise<void>((resolve) => files.listen(0, "127.0.0.1", resolve));
  filesUrl = `http://127.0.0.1:${(files.address() as AddressInfo).port}`;
});
afterAll(() => void files.close());

beforeEach(async () => {
  const subscribers = [
    { email: "in@example.fr", guid: "in" },
    { email: "out@example.fr", guid: "out", subscribed: false },
  ];
  const now = () => new Date("2026-03-01T12:00:00Z");
  sandbox = await startSandbox({ now, lists: [{ id: 123, subscribers }] });
  connection = await connect(sandbox);
  onTestFinished(() => sandbox.stop());
});

const importFile = (path = "/daily.csv?signature=x") =>
  connection.send("POST", "/files", { email_list_id: 123, url: `${filesUrl}${path}` });

describe("an imported file", () => {
  test("is described in the answer, and applied after it", async () => {
    csv = "email,data_firstname\nnew@example.fr,Zoé\n";
    const description = await (await importFile()).json();
    expect(description).toEqual({
      id: 1,
      name: "daily.csv",
      url: `${filesUrl}/daily.csv?signature=x`,
      mediatype: "text",
      subtype: "csv",
      created_at: "2026-03-01T12:00:00.000Z",
      size: Buffer.byteLength(csv),
      status: "uploaded",
      email_list_id: 123,
    });
    await sandbox.importsSettled();
    expect(sandbox.list(123).get("new@example.fr")).toMatchObject({
      subscribed: true,
      data_firstname: "Zoé",
    });
  });

  test.each([",", ";"])(
    "with the delimiter %s has the effect of the same rows as JSON",
    async (delimiter) => {
      const rows = [
        ["\uFEFFemail", "subscribed", "unsubscribed_cause", "guid", "data_note", "other"],
        ["in@example.fr", "false", "PUBLISHER", "", '"a, b; ""c""\nd"', "x"],
        ["out@example.fr", "", "", "2", "", ""],
        ["a@example.fr", "", "", "", "", ""],
        ["bad@", "", "", "", "", ""],
        ["b@example.fr", "false", "", "2", "", ""],
        ["c@example.fr", "false", "", "", "", ""],
      ];
      csv = rows.map((cells) => cells.join(delimiter)).join("\r\n");
      await importFile();
      await sandbox.importsSettled();
      expect(sandbox.imports).toMatchObject([
        {
          report: {
            errors: ["L6: email is missing or invalid"],
            unique_emails_count: 5,
            duplicate_guid_count: 1,
            nb_created: 2,
            nb_subscribed: 1,
            nb_unsubscribed: 2,
            nb_data_changed: 2,
          },
        },
      ]);
      const list = sandbox.list(123);
      expect(list.get("in@example.fr")).toMatchObject({
        subscribed: false,
        unsubscribed_cause: "PUBLISHER",
        guid: "in",
        data_note: 'a, b; "c"\nd',
      });
      expect(list.get("out@example.fr")).toMatchObject({ subscribed: false, guid: "2" });
      expect(list.get("c@example.fr")).toMatchObject({ subscribed: false, unsubscribed_cause: "READER" });
    },
  );

  test("without a column email changes nothing", async () => {
    csv = "mail\na@example.fr\n";
    await importFile();
    await sandbox.importsSettled();
    expect(sandbox.imports).toMatchObject([{ error: { message: "The file has no column email" } }]);
    expect(sandbox.list(123).size).toBe(2);
  });

  test("is abandoned if the sandbox stops before it is applied", async () => {
    csv = "email\na@example.fr\n";
    await using slow = await startSandbox({ importDelayMs: 60_000 });
    const { send } = await connect(slow);
    await send("POST", "/files", { email_list_id: 123, url: `${filesUrl}/daily.csv` });
    expect(slow.list(123).size).toBe(0);
    await slow.stop();
    expect(slow.imports).toMatchObject([{ error: { name: "AbortError" } }]);
  });

  test("that cannot be downloaded, or is requested wrongly, is refused", async () => {
    expect((await importFile("/forbidden.csv")).status).toBe(400);
    expect(
      (await connection.send("POST", "/files", { email_list_id: 123, url: "ftp://example.fr/a.csv" })).status,
    ).toBe(400);
    expect((await connection.send("POST", "/files", { email_list_id: 9, url: filesUrl })).status).toBe(404);
  });
});
