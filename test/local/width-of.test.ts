import { expect, test } from "vitest";
import { widthOf } from "../../infra/local/width-of.ts";

test("where there is no terminal, or one without columns, there are 80", () => {
  expect([widthOf({}), widthOf({ columns: 0 }), widthOf({ columns: 132 })]).toEqual([80, 80, 132]);
});

test("a terminal as narrow as a phone has its own width, and no narrower one", () => {
  expect([widthOf({ columns: 44 }), widthOf({ columns: 3 })]).toEqual([44, 40]);
});
