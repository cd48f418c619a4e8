import { expect, test } from "vitest";
import { columnsOf, cut, pad, wrap } from "../../functions/planning/plain-text.ts";

test("a text is broken between words, and later lines are indented", () => {
  expect(wrap("one two three four", { width: 12, indent: 2 })).toBe("one two\n  three four");
});

test("a count stays with its name", () => {
  expect(wrap("kept 1, rejected 12", { width: 16, indent: 0 })).toBe("kept 1,\nrejected 12");
});

test("a word that is too long is not broken, so that an event can be copied", () => {
  const event = '{"list":"daily","apply":"20261130T174525Z-07a615b6"}';
  expect(wrap(`send ${event} now`, { width: 20, indent: 2 })).toBe(`send\n  ${event}\n  now`);
});

test.each([
  ["anna", 4],
  ["Léa", 3],
  ["Le\u0301a", 3],
  ["太郎", 4],
  ["서울", 4],
  ["ｶﾀｶﾅ", 4],
  ["Ａ", 2],
  ["😀", 2],
  ["☎", 1],
])("%s takes as many columns as a terminal gives it", (text, columns) => {
  expect(columnsOf(text)).toBe(columns);
});

test("what is cut or padded has its width in columns, whatever its letters", () => {
  expect(cut("太郎太郎", 6)).toBe("太郎…");
  expect(cut("太郎太郎", 8)).toBe("太郎太郎");
  expect(columnsOf(cut("太郎太郎", 5))).toBeLessThanOrEqual(5);
  expect(pad("太郎", 6)).toBe("太郎  ");
});

test("a text of marks that nobody could read is cut, too", () => {
  expect(cut(`a${"\u0301".repeat(1000)}`, 10).length).toBeLessThan(20);
});
