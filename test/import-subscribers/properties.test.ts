import { fc, test } from "@fast-check/vitest";
import { stringify } from "csv-stringify/sync";
import { expect } from "vitest";
import { canonicalEmail } from "../../functions/domain/email.ts";
import { CsvEncoder } from "../../functions/import-subscribers/csv-encoder.ts";
import type { HeldSubscriber } from "../support/in-memory-provider.ts";
import { ImportWorld } from "./import-world.ts";

const wild = fc.string({ unit: "grapheme", maxLength: 12 });
const nasty = fc.constantFrom(
  'a "b"',
  "a,b;c",
  "two\nlines",
  "two\r\nlines",
  "\r",
  "\v",
  "=1+1",
  " x ",
  "x\u00a0",
  "\u2003x",
  "🗞️",
  "Zoé",
  "'",
);
const value = fc.oneof(nasty, wild, fc.string({ unit: "binary", maxLength: 6 }));

test.prop([fc.array(fc.array(value, { minLength: 2, maxLength: 4 }), { maxLength: 6 })])(
  "rows are written byte for byte as csv-stringify writes them",
  (rows) => {
    const csv = new CsvEncoder();
    for (const row of rows) {
      for (const text of row) csv.text(text);
      csv.endRow();
    }
    const expected = stringify(rows, { quoted_match: /[;\t\r]|^\s|\s$/ });
    expect(Buffer.from(csv.take()).toString()).toBe(Buffer.from(expected).toString());
  },
);

// A few addresses, some in several spellings, so that both sides often meet.
const spelling = fc.constantFrom(
  "anna",
  "ANNA",
  "Bruno",
  "bruno",
  "chloé",
  "Chloé",
  "david",
  "eve",
  "+",
  "a b",
);
const email = fc
  .tuple(spelling, fc.constantFrom("example.fr", "EXAMPLE.fr", "bücher.example", "xn--bcher-kva.example"))
  .map(([name, domain]) => `${name}@${domain}`);
const fields = fc
  .record({ guid: fc.constantFrom("", "1", "2", "3"), data_firstname: fc.oneof(nasty, wild) })
  .map((values) => Object.fromEntries(Object.entries(values).filter(([, text]) => text !== "")));
const times = [undefined, Date.UTC(2026, 4, 1), Date.UTC(2026, 4, 20)];
const row = fc.record({
  email,
  subscribed: fc.constantFrom(true, true, true, false, undefined),
  consentedAt: fc.constantFrom(...times),
  fields,
});
const current = fc.tuple(
  email,
  fc.record({
    subscribed: fc.boolean(),
    cause: fc.constantFrom("READER", "PUBLISHER", "HARD_BOUNCE", "UNKNOWN"),
    unsubscribedAt: fc.constantFrom(...times),
    fields,
  }),
);

function heldOf([email, { subscribed, cause, unsubscribedAt, fields }]: typeof current extends fc.Arbitrary<
  infer Held
>
  ? Held
  : never): [string, HeldSubscriber] {
  const leaving = { cause, ...(unsubscribedAt !== undefined && { unsubscribedAt }) } as const;
  return [email, { subscribed, fields: { ...fields }, ...(!subscribed && leaving) }];
}

test.prop([fc.array(current, { maxLength: 8 }), fc.array(row, { minLength: 1, maxLength: 10 }), fc.nat(4)])(
  "an import leaves nothing to do, writes each address once, and nobody in a file has opted out or bounced",
  async (list, rows, more) => {
    const before = new Map(list.map(heldOf));
    const world = new ImportWorld(
      structuredClone(before),
      rows.map(({ consentedAt, ...row }) => ({ ...row, ...(consentedAt !== undefined && { consentedAt }) })),
    );
    world.settings = { import: { rowsPerFile: 1 + more, settleSeconds: 0 } };
    const report = await world.run().catch((error: Error) => {
      expect(error.message).toMatch(/each of the \d+ was set aside/);
      return undefined;
    });
    if (report === undefined) return;
    expect(report.files.every(({ rows }) => rows > 0 && rows <= 1 + more)).toBe(true);
    expect(new Set(world.announced.map(({ email }) => email)).size).toBe(world.announced.length);
    for (const { email = "", subscribed } of world.announced) {
      const standing = before.get(email);
      const spellings = [...before].filter(
        ([spelling]) => canonicalEmail(spelling) === canonicalEmail(email),
      );
      if (subscribed === "false") expect(standing?.subscribed).toBe(true);
      else expect(subscribed).toBe("");
      if (subscribed === "false") continue;
      if (standing === undefined) expect(spellings).toEqual([]);
      else expect(standing.subscribed).toBe(true);
    }
    const { planned } = await world.run({ dryRun: true });
    // Who comes back is left to the sync.
    expect(planned).toMatchObject({ subscribe: 0, update: 0, unsubscribe: 0 });
  },
);
