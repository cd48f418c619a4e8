import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { bundleFunction, functionNames } from "../../infra/local/bundle.ts";

const entry = fileURLToPath(new URL("fixtures/function.ts", import.meta.url));

test("a folder with a handler is a function", () => {
  expect(functionNames()).toContain("sync-subscribers");
  expect(functionNames()).not.toContain("domain");
});

test("concurrent bundlings of one function into one folder each yield the whole bundle", async () => {
  const outDir = mkdtempSync(join(tmpdir(), "newsletter-sync-bundle-"));
  onTestFinished(() => rmSync(outDir, { recursive: true }));
  const bundle = () => bundleFunction("fixture", { entry, outDir });
  const texts = await Promise.all(
    Array.from({ length: 8 }, () => bundle().then((path) => readFileSync(path, "utf8"))),
  );
  expect(new Set(texts).size).toBe(1);
  expect(texts[0]).toMatch(/\/\/# sourceMappingURL=index\.mjs\.map\n$/);
  expect(readdirSync(outDir).toSorted()).toEqual(["index.mjs", "index.mjs.map"]);
});

test("a bundling that fails names the file", async () => {
  await expect(bundleFunction("nothing", { entry: "functions/nothing.ts" })).rejects.toThrow(
    "functions/nothing.ts",
  );
});
