import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as errors from "../../functions/domain/errors.ts";

const runbook = readFileSync(new URL("../../docs/runbook.md", import.meta.url), "utf8");
const headings = [...runbook.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);

/** The base class, and an error that never ends a run. */
const withoutHeading = ["NewsletterSyncError", "BatchRefusedError"];

test.each(Object.keys(errors).filter((name) => !withoutHeading.includes(name)))(
  "%s has a heading",
  (name) => {
    expect(headings).toContain(name);
  },
);
