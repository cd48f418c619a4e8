import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as archiveErrors from "../../functions/domain/archive-errors.ts";
import * as errors from "../../functions/domain/errors.ts";
import * as planErrors from "../../functions/domain/plan-errors.ts";
import * as providerErrors from "../../functions/domain/provider-errors.ts";
import { UnforeseenError } from "../../functions/domain/unforeseen-error.ts";

const { ArchiveIncompleteError, FileBusyError } = archiveErrors;
const runbook = readFileSync(new URL("../../docs/runbook.md", import.meta.url), "utf8");
const sections = new Map(
  runbook
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf("\n")), section]),
);

const examples: readonly errors.NewsletterSyncError[] = [
  new errors.ConfigurationError("lists", "expected"),
  new errors.InvalidEventError("problem", {}),
  new errors.CredentialError("secret", "problem"),
  new errors.SourceError("line 2", "problem"),
  new errors.SinkError("statement 1", "problem"),
  new providerErrors.ProviderUnavailableError("GET /x", 5, "status 503"),
  new providerErrors.QuotaExceededError("GET /x", new Date("2026-03-02T00:00:00Z")),
  new providerErrors.ProviderContractError("GET /x", "problem"),
  new providerErrors.AnswerTooLargeError("GET /x", 1_000_000),
  new providerErrors.ProviderRefusalError("GET /x", 404, "hint"),
  new providerErrors.IncompleteReadError([]),
  new planErrors.UnsafePlanError([], { event: { list: "daily", apply: "plan" }, text: "plan.md" }),
  new planErrors.ImportIncompleteError({ subscribe: 1 }, 2),
  new planErrors.UnusablePlanError("plan", "problem"),
  new errors.ListBusyError("daily", { runId: "run", expiresAt: "2026-03-01T00:00:00Z" }),
  new errors.OutOfTimeError("state"),
  new UnforeseenError(new TypeError("problem")),
  new FileBusyError(10),
  new ArchiveIncompleteError([], { files: 1, left: 0, next: undefined }),
];

test.each(examples)("$name has a section, which says who acts", ({ name, actor }) => {
  expect(sections.get(name)).toContain(`\n\n**Who acts**: the ${actor}.\n\n`);
});

test("every error that ends a run is among them", () => {
  const never = ["NewsletterSyncError", "BatchRefusedError"];
  const foreseen = [errors, providerErrors, planErrors, archiveErrors].flatMap(Object.keys);
  const names = [...foreseen, UnforeseenError.name];
  expect(examples.map(({ name }) => name).sort()).toEqual(
    names.filter((name) => !never.includes(name)).sort(),
  );
});
