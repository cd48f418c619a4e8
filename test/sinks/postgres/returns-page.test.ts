import { beforeEach, describe, expect, test } from "vitest";
import type { Return } from "../../../functions/domain/return.ts";
import { blocksIn, sectionOf } from "../../docs/read-pages.ts";
import { database, openQuery, useDatabase } from "../../sources/database.ts";
import { readAll } from "../../sources/read-source.ts";
import { inOneBatch, returnOf } from "../returns.ts";
import { take } from "./take.ts";

useDatabase();

const page = "docs/returns.md";
const schemas = [
  "A flag on the reader's row",
  "A table of subscriptions",
  "A log of consents that is only appended to",
];

/** The SQL of a section, by what it is for. */
function sqlOf(heading: string) {
  const blocks = blocksIn(sectionOf(page, heading), "sql").map((block) => block.trim());
  const starting = (words: RegExp) => blocks.filter((block) => words.test(block));
  return {
    definitions: starting(/^(create|alter) /),
    query: starting(/^select /)[0] ?? "",
    statements: starting(/^(insert|update) /),
    grants: starting(/^grant /),
  };
}

const common = sqlOf("In every schema");
const secret = () => ({
  ...database.server.secret,
  username: "newsletter_writer",
  password: "a long random one",
});

const early = "2026-01-01T00:00:00Z";
const middle = "2026-02-01T00:00:00Z";
const late = "2026-03-01T00:00:00Z";

test("the page shows three schemas, each whole", () => {
  expect(common.statements).toHaveLength(3);
  for (const schema of schemas) {
    const { definitions, query, statements, grants } = sqlOf(schema);
    expect(definitions.length).toBeGreaterThan(1);
    expect(query).not.toBe("");
    expect(statements.length).toBeGreaterThan(1);
    expect(grants.length).toBeGreaterThan(0);
  }
});

describe.each(schemas)("%s", (schema) => {
  const { definitions, query, statements, grants } = sqlOf(schema);

  beforeEach(async () => {
    await database.admin.query("drop table if exists readers, subscriptions, consents");
    await database.admin.query(
      `do $$ begin if to_regrole('newsletter_writer') is null then ${common.definitions.join(";")}; end if; end $$`,
    );
    for (const sql of [...definitions, ...grants]) await database.admin.query(sql);
  });

  /** As the site would write it: a reader, and the reader's last word on the daily. */
  async function reader(email: string, { word, at = null }: { word: "yes" | "no"; at?: string | null }) {
    const { admin } = database;
    const isOut = word === "no";
    const insert = "insert into readers (email, first_name) values ($1, 'Jane') returning id";
    const { id } = (await admin.query(insert, [email])).rows[0];
    if (tableOf(schema) === "readers") {
      const times = isOut ? { out: at ?? "now" } : { in: at };
      await admin.query(
        "update readers set daily = $2, consented_at = $3, opted_out_at = $4, opt_out_cause = $5 where id = $1",
        [id, !isOut, times.in ?? null, times.out ?? null, isOut ? "READER" : null],
      );
    } else if (tableOf(schema) === "subscriptions") {
      await admin.query("insert into subscriptions values ($1, 'daily', $2, $3, $4)", [
        id,
        isOut ? null : at,
        isOut ? (at ?? "now") : null,
        isOut ? "READER" : null,
      ]);
    } else {
      await admin.query(
        "insert into consents (reader_id, newsletter, word, said_at, cause, heard_from) values ($1, 'daily', $2, $3, $4, 'the site')",
        [id, word, at ?? "-infinity", isOut ? "READER" : null],
      );
    }
  }

  /** Takes returns as the user of the page, and shows what the source says then. */
  async function afterTaking(...returns: Return[]) {
    const options = { secret: secret(), returns: inOneBatch(returns) };
    const taken = await take([...common.statements, ...statements], options);
    return { ...(await shown()), changed: taken.statements.reduce((sum, count) => sum + count, 0) };
  }

  async function shown() {
    const rows = await readAll(await openQuery(`select * from (${query}) q order by email`));
    return {
      readers: rows.map(([, email, , subscribed, cause, , firstName]) => [
        email,
        subscribed,
        cause,
        firstName,
      ]),
      consents: rows.map(([, , , , , consentedAt]) => consentedAt),
    };
  }

  test.each([
    ["of a moment after the consent", middle, late],
    ["of the moment of the consent", middle, middle],
    ["of unknown time", middle, undefined],
    ["after a consent of unknown time", null, early],
  ])("takes an opt-out %s, and once", async (_, at, changedAt) => {
    await reader("Jane@Example.fr", { word: "yes", at });
    const optOut = returnOf({ email: "Jane@Example.fr", cause: "READER", ...(changedAt && { changedAt }) });
    const readers = [["Jane@Example.fr", "false", "READER", "Jane"]];
    expect(await afterTaking(optOut)).toMatchObject({ readers, changed: 1 });
    expect(await afterTaking(optOut)).toMatchObject({ readers, changed: 0 });
  });

  // A log has no word of the future: what is appended is dated when it is.
  if (tableOf(schema) !== "consents") {
    test.each([["9999-01-01 00:00+00"], ["infinity"]])(
      "takes an opt-out although the consent is of the future (%s)",
      async (at) => {
        await reader("jane@example.fr", { word: "yes", at });
        const optOut = returnOf({ cause: "READER", changedAt: middle });
        const readers = [["jane@example.fr", "false", "READER", "Jane"]];
        expect(await afterTaking(optOut)).toMatchObject({ readers, changed: 1 });
      },
    );
  }

  test("leaves a consent that is newer than the opt-out", async () => {
    await reader("jane@example.fr", { word: "yes", at: late });
    const optOut = returnOf({ cause: "READER", changedAt: middle });
    const readers = [["jane@example.fr", "true", null, "Jane"]];
    expect(await afterTaking(optOut)).toMatchObject({ readers, changed: 0 });
  });

  test.each([[late], [undefined]])(
    "takes a bounce whatever the consent, and once (%s)",
    async (changedAt) => {
      await reader("jane@example.fr", { word: "yes", at: late });
      const bounce = returnOf({ tells: "bounced", cause: "HARD_BOUNCE", ...(changedAt && { changedAt }) });
      const readers = [["jane@example.fr", "false", null, "Jane"]];
      expect(await afterTaking(bounce)).toMatchObject({ readers, changed: 1 });
      expect(await afterTaking(bounce)).toMatchObject({ readers, changed: 0 });
    },
  );

  test("ends a bounce when the reader has subscribed since, and not before", async () => {
    await reader("jane@example.fr", { word: "yes", at: early });
    await afterTaking(returnOf({ tells: "bounced", cause: "HARD_BOUNCE", changedAt: middle }));
    const before = returnOf({ tells: "subscribed", changedAt: early });
    expect((await afterTaking(before)).readers).toEqual([["jane@example.fr", "false", null, "Jane"]]);
    const since = returnOf({ tells: "subscribed", changedAt: late });
    expect((await afterTaking(since)).readers).toEqual([["jane@example.fr", "true", null, "Jane"]]);
    expect(await afterTaking(since)).toMatchObject({ changed: 0 });
  });

  test("takes a new subscriber, with fields and consent, and once", async () => {
    const subscription = returnOf({
      tells: "subscribed",
      email: "Zoe@Example.fr",
      address: "zoe@example.fr",
      changedAt: middle,
      fields: { data_first_name: "Zoé" },
    });
    const readers = [["Zoe@Example.fr", "true", null, "Zoé"]];
    const consents = ["2026-02-01 00:00:00+00"];
    expect(await afterTaking(subscription)).toMatchObject({ readers, consents });
    expect(await afterTaking(subscription)).toMatchObject({ readers, consents, changed: 0 });
  });

  test("takes a subscription that is newer than the opt-out, and once", async () => {
    await reader("jane@example.fr", { word: "no", at: middle });
    const subscription = returnOf({ tells: "subscribed", changedAt: late, fields: { data_first_name: "J" } });
    const readers = [["jane@example.fr", "true", null, "Jane"]];
    const consents = ["2026-03-01 00:00:00+00"];
    expect(await afterTaking(subscription)).toMatchObject({ readers, consents, changed: 1 });
    expect(await afterTaking(subscription)).toMatchObject({ readers, changed: 0 });
  });

  test.each([
    ["of before the opt-out", early],
    ["of the moment of the opt-out", middle],
    ["of unknown time", undefined],
  ])("leaves an opt-out when there is a subscription %s", async (_, changedAt) => {
    await reader("jane@example.fr", { word: "no", at: middle });
    const subscription = returnOf({ tells: "subscribed", ...(changedAt && { changedAt }) });
    const readers = [["jane@example.fr", "false", "READER", "Jane"]];
    expect(await afterTaking(subscription)).toMatchObject({ readers, changed: 0 });
  });

  test("takes a field that the provider owns, or that it has no value for, and once", async () => {
    await reader("jane@example.fr", { word: "yes", at: early });
    for (const [value, expected] of [
      ["Janet", "Janet"],
      ["", null],
    ]) {
      const update = returnOf({ tells: "updated", fields: { data_first_name: value ?? "" } });
      const readers = [["jane@example.fr", "true", null, expected]];
      expect(await afterTaking(update)).toMatchObject({ readers, changed: 1 });
      expect(await afterTaking(update)).toMatchObject({ readers, changed: 0 });
    }
    const other = returnOf({ tells: "updated", fields: { data_city: "Lyon" } });
    expect(await afterTaking(other)).toMatchObject({ changed: 0 });
  });

  test("takes returns of every kind at once, and touches nobody else", async () => {
    for (const name of ["anna", "bob", "carl", "dora"]) {
      await reader(`${name}@example.fr`, { word: name === "carl" ? "no" : "yes", at: early });
    }
    const of = (name: string, change: Partial<Return>) =>
      returnOf({ address: `${name}@example.fr`, ...change });
    const { readers } = await afterTaking(
      of("anna", { cause: "READER", changedAt: late }),
      of("bob", { tells: "bounced", cause: "MULTIPLE_BOUNCES" }),
      of("carl", { tells: "subscribed", changedAt: late }),
      of("emil", { tells: "subscribed", changedAt: late }),
      of("anna", { tells: "updated", fields: { data_first_name: "Anna" } }),
    );
    expect(readers).toEqual([
      ["anna@example.fr", "false", "READER", "Anna"],
      ["bob@example.fr", "false", null, "Jane"],
      ["carl@example.fr", "true", null, "Jane"],
      ["dora@example.fr", "true", null, "Jane"],
      ["emil@example.fr", "true", null, null],
    ]);
  });
});

/** The table in which a schema of the page keeps the reader's word. */
function tableOf(schema: string): string {
  return schema.includes("flag") ? "readers" : schema.includes("log") ? "consents" : "subscriptions";
}
