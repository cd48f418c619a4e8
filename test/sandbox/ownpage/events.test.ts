import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import { startSandbox } from "../../../infra/sandbox/ownpage/start-sandbox.ts";
import { connect } from "./connect.ts";

const headers = {
  nl_click: "date,email,campaign_id,newsletter_id,email_list_id,target_id,target_url,target_position",
  nl_display: "date,email,campaign_id,newsletter_id,email_list_id",
  nl_send: "date,email,campaign_id,newsletter_id,email_list_id,active",
  nl_subscribe: "date,email,email_list_id",
  nl_unsubscribe: "date,email,cause,email_list_id",
  nl_bounce: "date,email,campaign_id,newsletter_id,email_list_id,type,message",
  nl_complaint: "date,email,campaign_id,newsletter_id,email_list_id,type",
};

async function open(options: Parameters<typeof startSandbox>[0] = {}) {
  const sandbox = await startSandbox(options);
  const { send } = await connect(sandbox);
  const get = (event: string, day: string) => send("GET", `/newsletters/events/${event}/${day}`);
  return { sandbox, get, text: async (event: string, day = "2018-02-15") => (await get(event, day)).text() };
}

describe("a day's events", () => {
  test.each(Object.entries(headers))("of %s have the header %s and whole rows", async (event, header) => {
    const { sandbox, get } = await open({ events: { rowsPerDay: 30 } });
    await using _ = sandbox;
    const answer = await get(event, "2018-02-15");
    expect(answer.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    const [columns, ...rows] = parse(await answer.text()) as string[][];
    expect(columns?.join(",")).toBe(header);
    expect(rows).toHaveLength(30);
    for (const [date, email] of rows) {
      expect(date).toMatch(/^2018-02-15 \d\d:\d\d:\d\d$/);
      expect(email).toMatch(/^reader\.\d+@example\d+\.fr$/);
    }
  });

  test("have commas, quotes and line breaks in their free text", async () => {
    const { sandbox, text } = await open({ events: { rowsPerDay: 100 } });
    await using _ = sandbox;
    const messages = (parse(await text("nl_bounce")) as string[][]).map((row) => row[6]);
    for (const sign of [",", '"', "\r\n"])
      expect(messages.some((message) => message?.includes(sign))).toBe(true);
  });

  test("are the same in every sandbox with the same seed", async () => {
    const one = await open();
    const two = await open();
    const three = await open({ events: { seed: "other" } });
    await using _one = one.sandbox;
    await using _two = two.sandbox;
    await using _three = three.sandbox;
    const csv = await one.text("nl_click");
    expect(await one.text("nl_click")).toBe(csv);
    expect(await two.text("nl_click")).toBe(csv);
    expect(await one.text("nl_click", "2018-02-16")).not.toBe(csv);
    expect(await three.text("nl_click")).not.toBe(csv);
  });

  test("may gain rows after the first fetch, and lose some", async () => {
    const { sandbox, text } = await open({ events: { rowsPerDay: 3, lateRows: 2 } });
    await using _ = sandbox;
    const first = await text("nl_display");
    const second = await text("nl_display");
    expect(second.startsWith(first)).toBe(true);
    expect(second.split("\n")).toHaveLength(7);
    expect(await text("nl_display")).toBe(second);
    Object.assign(sandbox.events, { rowsPerDay: 0, lateRows: 0 });
    expect(await text("nl_display")).toBe(`${headers.nl_display}\n`);
  });

  test("may be erased in part after the first fetch", async () => {
    const { sandbox, text } = await open({ events: { rowsPerDay: 3, erasedRows: 1 } });
    await using _ = sandbox;
    expect((await text("nl_display")).split("\n")).toHaveLength(5);
    expect((await text("nl_display")).split("\n")).toHaveLength(4);
  });

  test.each([
    ["cutRow", 200, /,reader\.\d+$/],
    ["errorText", 200, /,reader\.\d+<br \/>\n<b>Fatal error<\/b>: .*\n$/],
    ["missingHalf", 200, /,reader\.\d+$/],
    ["partial", 206, /\n$/],
    ["noContent", 204, /^$/],
    ["noBody", 200, /^$/],
  ] as const)("may be flawed in the way of %s", async (flaw, status, body) => {
    const { sandbox, get } = await open({ events: { rowsPerDay: 9, flaws: { nl_send: flaw } } });
    await using _ = sandbox;
    const answer = await get("nl_send", "2018-02-15");
    expect(answer.status).toBe(status);
    expect(await answer.text()).toMatch(body);
    const isStated = answer.headers.has("content-length");
    expect(isStated).toBe(flaw !== "missingHalf" && flaw !== "noContent");
    expect(await (await get("nl_click", "2018-02-15")).text()).toMatch(/^date,email,.*\n$/s);
  });

  test("may gain an unknown column, or lose one", async () => {
    const { sandbox, text } = await open({ events: { rowsPerDay: 1 } });
    await using _ = sandbox;
    sandbox.events.columns["nl_subscribe"] = "date,email,origin";
    expect(await text("nl_subscribe")).toMatch(/^date,email,origin\n[^,]+,[^,]+,\n$/);
  });

  test("are available once the day is over in Paris", async () => {
    let time = new Date("2026-03-01T22:59:59Z");
    const { sandbox, get } = await open({ now: () => time });
    await using _ = sandbox;
    const status = async (day: string) => (await get("nl_send", day)).status;
    expect([await status("2026-02-28"), await status("2026-03-01"), await status("2027-01-01")]).toEqual([
      200, 404, 404,
    ]);
    time = new Date("2026-03-01T23:00:00Z");
    expect([await status("2026-03-01"), await status("2026-03-02")]).toEqual([200, 404]);
  });

  test("are refused for an unknown event, an invalid day, and an account that has not bought them", async () => {
    const { sandbox, get } = await open();
    await using _ = sandbox;
    expect((await get("constructor", "2018-02-15")).status).toBe(404);
    expect((await get("nl_click", "2018-02-30")).status).toBe(400);
    sandbox.events.premium = false;
    expect((await get("nl_click", "2018-02-15")).status).toBe(403);
  });
});

test("a statistics export is available for 24 hours, without a client token", async () => {
  let time = new Date("2026-03-01T12:00:00Z");
  await using sandbox = await startSandbox({ now: () => time });
  const { read, send } = await connect(sandbox);
  const query = "startDate=2026-02-01&endDate=2026-02-03";
  const { token, filename } = (await read(`/newsletters/stats/export?${query}`)) as Record<string, string>;
  const file = () => fetch(new URL(`/export/${token}/${filename}`, sandbox.url));
  const rows = parse(await (await file()).text()) as string[][];
  expect(rows.map(([date]) => date)).toEqual(["date", "2026-02-01", "2026-02-02", "2026-02-03"]);
  time = new Date("2026-03-02T12:00:00Z");
  expect((await file()).status).toBe(404);
  expect((await send("GET", "/newsletters/stats/export?startDate=2026-02-01")).status).toBe(400);
});
