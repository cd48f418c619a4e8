import { ArchiveIncompleteError, FileBusyError } from "../../functions/domain/archive-errors.ts";
import * as errors from "../../functions/domain/errors.ts";
import * as planErrors from "../../functions/domain/plan-errors.ts";
import * as providerErrors from "../../functions/domain/provider-errors.ts";
import { UnforeseenError } from "../../functions/domain/unforeseen-error.ts";

/** One of every error that ends a run. */
export const errorExamples: readonly errors.NewsletterSyncError[] = [
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
  new planErrors.UnsafePushError([], { messages: 2, event: { list: "daily", approve: ["subscribe"] } }),
  new planErrors.ImportIncompleteError({ subscribe: 1 }, 2),
  new planErrors.UnusablePlanError("plan", "problem"),
  new errors.ListBusyError("daily", { runId: "run", expiresAt: "2026-03-01T00:00:00Z" }),
  new errors.OutOfTimeError("state"),
  new UnforeseenError(new TypeError("problem")),
  new FileBusyError(10),
  new ArchiveIncompleteError([], { files: 1, left: 0, next: undefined }),
];
