import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { canonicalEmail } from "../../functions/domain/email.ts";
import { ImportWorld } from "./import-world.ts";

const names = ["anna", "ANNA", "bruno", "chloé", "david"];
const guid = fc.constantFrom("", "1", "2", "3");
const wild = fc.string({ unit: "grapheme", maxLength: 12 });
const nasty = fc.constantFrom('a "b"', "a,b;c", "two\nlines", "two\r\nlines", "\r", "=1+1", " x ", "🗞️", "'");
const row = fc.record({
  name: fc.constantFrom(...names),
  subscribed: fc.boolean(),
  guid,
  firstname: fc.oneof(nasty, wild),
});

test.prop([fc.array(row, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 5 })])(
  "every address and every guid is written once, and every value unchanged",
  async (rows, rowsPerFile) => {
    const world = new ImportWorld(
      ...rows.map(({ name, subscribed, guid, firstname }) => ({
        email: `${name}@example.fr`,
        subscribed,
        fields: { ...(guid && { guid }), ...(firstname && { data_firstname: firstname }) },
      })),
    );
    world.settings = { import: { rowsPerFile } };
    const report = await world.run();

    const keyOf = (email: string) => canonicalEmail(email);
    const wanted = Map.groupBy(rows, ({ name }) => keyOf(`${name}@example.fr`));
    expect(world.written.map(({ email }) => keyOf(email!)).sort()).toEqual([...wanted.keys()].sort());
    for (const { email, subscribed, data_firstname, guid } of world.written) {
      const said = wanted.get(keyOf(email!)) ?? [];
      // Without times, an unsubscribed row counts, or else the first one.
      const winner = said.find((row) => !row.subscribed) ?? said[0]!;
      expect({ subscribed, data_firstname }).toEqual({
        subscribed: winner.subscribed ? "" : "false",
        data_firstname: winner.firstname,
      });
      expect(["", winner.guid]).toContain(guid);
    }
    const guids = world.written.map(({ guid }) => guid).filter((guid) => guid !== "");
    expect(new Set(guids).size).toBe(guids.length);
    expect(report.rows.duplicates).toBe(rows.length - wanted.size);
    expect(report.files.every((file) => file.rows <= rowsPerFile && file.rows > 0)).toBe(true);
  },
);
