import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { findCircle, importsIn, specifiersIn } from "./imports.ts";

const imports = importsIn(["functions", "infra"]);

test("every kind of import is found", () => {
  const code = `
    import { one } from "./one.ts";
    import type { Two } from "../two.ts";
    import {
      three,
    } from "./three.ts";
    export * from "./four.ts";
    import "./five.ts";
    const six = await import("./six.ts");
    type Seven = import("./seven.ts").Seven;
    import * as z from "zod";
  `;
  const found = ["./one.ts", "../two.ts", "./three.ts", "./four.ts", "./five.ts", "./six.ts", "./seven.ts"];
  expect(specifiersIn(code)).toEqual(found);
});

test("every import is of a file that exists", () => {
  expect(imports.length).toBeGreaterThan(300);
  expect(imports.filter(({ to }) => !existsSync(to))).toEqual([]);
});

test("a circle is found however long it is, and what two modules share is none", () => {
  const diamond = [
    { from: "a", to: "b" },
    { from: "a", to: "c" },
    { from: "b", to: "d" },
    { from: "c", to: "d" },
  ];
  expect(findCircle(diamond)).toBeUndefined();
  expect(findCircle([...diamond, { from: "d", to: "b" }])).toEqual(["b", "d", "b"]);
  expect(findCircle([{ from: "a", to: "a" }])).toEqual(["a", "a"]);
});

test("no module of functions/ or infra/ imports itself through others, not even their types", () => {
  expect(findCircle(imports)).toBeUndefined();
});

test("what all sandboxes share imports none of them", () => {
  const shared = imports.filter(({ from }) => /^infra\/sandbox\/[^/]+$/.test(from));
  expect(shared.length).toBeGreaterThan(5);
  expect(shared.filter(({ to }) => /^infra\/sandbox\/.+\//.test(to))).toEqual([]);
});

test("functions import nothing of the infrastructure, and neither imports a test", () => {
  expect(imports.filter(({ from, to }) => from.startsWith("functions/") && to.startsWith("infra/"))).toEqual(
    [],
  );
  expect(imports.filter(({ to }) => to.startsWith("test/"))).toEqual([]);
});
