import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as archiveErrors from "../../functions/domain/archive-errors.ts";
import * as errors from "../../functions/domain/errors.ts";
import * as planErrors from "../../functions/domain/plan-errors.ts";
import * as providerErrors from "../../functions/domain/provider-errors.ts";
import { UnforeseenError } from "../../functions/domain/unforeseen-error.ts";
import { ErasureRefusedError } from "../../functions/look-up-reader/erasure-refused-error.ts";
import { DamagedMirrorError } from "../../functions/providers/constant-contact/mirror/damaged-mirror-error.ts";
import { errorExamples } from "./error-examples.ts";

const runbook = readFileSync(new URL("../../docs/runbook.md", import.meta.url), "utf8");
const sections = new Map(
  runbook
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf("\n")), section]),
);

// The first of the others is of one provider, and the second ends runs of look-up-reader alone, which no machine repeats.
test.each([
  ...errorExamples,
  new DamagedMirrorError("mirror/main/state.json"),
  new ErasureRefusedError("daily"),
])("$name has a section, which says who acts", ({ name, actor }) => {
  expect(sections.get(name)).toContain(`\n\n**Who acts**: the ${actor}.\n\n`);
});

test("every error that ends a run is among them", () => {
  const never = ["NewsletterSyncError", "BatchRefusedError"];
  const foreseen = [errors, providerErrors, planErrors, archiveErrors].flatMap(Object.keys);
  const names = [...foreseen, UnforeseenError.name];
  expect(errorExamples.map(({ name }) => name).sort()).toEqual(
    names.filter((name) => !never.includes(name)).sort(),
  );
});
