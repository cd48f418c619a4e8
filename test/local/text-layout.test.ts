import { expect, test } from "vitest";
import { widthOf, wrap } from "../../infra/local/text-layout.ts";

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

test("where there is no terminal, or one without columns, there are 80", () => {
  expect([widthOf({}), widthOf({ columns: 0 }), widthOf({ columns: 132 })]).toEqual([80, 80, 132]);
});
