import { expect, test } from "vitest";
import { pages, readText, tablesIn } from "./read-pages.ts";

const header = ["in the database", "at the provider", "decision"];

function truthTablesIn(text: string): string[][][] {
  return tablesIn(text).filter(([first]) => first?.join() === header.join());
}

/** A cell without what only makes it look better. */
const plain = (cell: string): string => cell.replaceAll(/\*\*|`/g, "");

const judge = readText("functions/domain/decide.ts").replaceAll(/^ \* ?/gm, "");
const [truth] = truthTablesIn(judge);
const copies = [...pages].flatMap(([page, text]) =>
  truthTablesIn(text).map((table): [string, string[][]] => [page, table]),
);

test("the README and the manual show the table of decide", () => {
  expect(copies.map(([page]) => page)).toEqual(["README.md", "docs/functions.md"]);
});

test.each(copies)("%s says the same as decide, word for word", (_, table) => {
  expect(table.map((row) => row.map(plain))).toEqual(truth?.map((row) => row.map(plain)));
});
