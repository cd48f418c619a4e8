import { expect, test } from "vitest";
import { pages, readText, tablesIn } from "./read-pages.ts";

function truthTablesIn(text: string, outcome = "decision"): string[][][] {
  const header = ["in the database", "at the provider", outcome];
  return tablesIn(text).filter(([first]) => first?.join() === header.join());
}

/** A cell without what only makes it look better. */
const plain = (cell: string): string => cell.replaceAll(/\*\*|`/g, "");

const docstringsOf = (file: string): string => readText(file).replaceAll(/^ \* ?/gm, "");
const [truth] = truthTablesIn(docstringsOf("functions/domain/decide.ts"));
const copies = [...pages].flatMap(([page, text]) =>
  truthTablesIn(text).map((table): [string, string[][]] => [page, table]),
);

test("the README and the manual show the table of decide", () => {
  expect(copies.map(([page]) => page)).toEqual(["README.md", "docs/functions.md"]);
});

test.each(copies)("%s says the same as decide, word for word", (_, table) => {
  expect(table.map((row) => row.map(plain))).toEqual(truth?.map((row) => row.map(plain)));
});

test("the manual shows the table of answer, word for word", () => {
  const [answers] = truthTablesIn(docstringsOf("functions/domain/answer.ts"), "returned");
  const shown = [...pages.values()].flatMap((text) => truthTablesIn(text, "returned"));
  expect(answers?.length).toBeGreaterThan(5);
  expect(shown).toEqual([answers]);
});
