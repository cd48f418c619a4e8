import type { GuardGroup } from "./guard.ts";

const imports = "functions/import-subscribers";
const archive = "functions/archive-events";

export const importGuards: GuardGroup = {
  tests: ["test/import-subscribers/import-subscribers", "test/import-subscribers/properties"],
  guards: [
    {
      keeps: "an import resubscribes nobody",
      file: `${imports}/write-files.ts`,
      code: 'subscribed ? ["", ""] : ',
      broken: 'subscribed ? ["true", ""] : ',
    },
    {
      keeps: "an unsubscribed row says its cause",
      file: `${imports}/write-files.ts`,
      code: 'cause ?? "PUBLISHER"',
      broken: '""',
    },
    {
      keeps: "an unsubscribed row takes no guid from an active reader",
      file: `${imports}/write-files.ts`,
      code: 'column === "guid" && !subscribed ? "" : ',
      broken: "",
    },
    {
      keeps: "a value that could be taken for two is quoted",
      file: `${imports}/write-files.ts`,
      code: "quoted_match: /",
      broken: "quoted_nothing: /",
    },
    {
      keeps: "a file has no more rows than configured",
      file: `${imports}/write-files.ts`,
      code: "batch.slice(start, start + rowsPerFile - inFile)",
      broken: "batch.slice(start)",
    },
    {
      keeps: "only one of the readers who share a guid keeps it",
      file: `${imports}/wanted-rows.ts`,
      code: "counts.sharedGuids += withholdSharedGuids(index, entries, claimOf);",
      broken: "",
    },
    {
      keeps: "an address that no provider accepts is not written",
      file: `${imports}/wanted-rows.ts`,
      code: "if (!isImported(row)) {",
      broken: "if (false) {",
    },
    {
      keeps: "a file that would unsubscribe many is not announced",
      file: `${imports}/import-subscribers.ts`,
      code: "if (refusal !== undefined) {",
      broken: "if (false) {",
    },
    {
      keeps: "a dry run announces nothing",
      file: `${imports}/import-subscribers.ts`,
      code: "if (event.dryRun) await workOnList",
      broken: "if (false) await workOnList",
    },
    {
      keeps: "nothing of a list stays on the disk",
      file: `${imports}/import-subscribers.ts`,
      code: "await rm(folder, { recursive: true, force: true });",
      broken: "",
    },
    {
      keeps: "counts that never moved have not settled",
      file: `${imports}/watch-counts.ts`,
      code: " && !isSame(counts, before)",
      broken: "",
    },
  ],
};

export const archiveGuards: GuardGroup = {
  tests: [
    "test/archive-events/archive-events",
    "test/archive-events/due",
    "test/archive-events/whole-files",
    "test/archive-events/empty-days",
    "test/archive-events/accepted-file",
    "test/archive-events/lost-days",
    "test/archive-events/times-of-day",
    "test/archive-events/broken-bodies",
    "test/archive-events/failures",
    "test/archive-events/columns",
    "test/archive-events/concurrency",
  ],
  guards: [
    {
      keeps: "a body of another length than was announced is not stored",
      file: `${archive}/download-body.ts`,
      code: "expectedBytes !== undefined && bytes !== expectedBytes",
      broken: "false",
    },
    {
      keeps: "a body that may have been cut is requested again",
      file: `${archive}/fetch-file.ts`,
      code: "if (download.mayBeCut && count < attempts)",
      broken: "if (false)",
    },
    {
      keeps: "a file that is not whole is not stored",
      file: `${archive}/archive-file.ts`,
      code: "if (problem !== undefined) return",
      broken: "if (false) return",
    },
    {
      keeps: "a row that lacks a column, or has one too many, is not stored",
      file: `${archive}/row-check.ts`,
      code: "if (columns !== expected) {",
      broken: "if (false) {",
    },
    {
      keeps: "rows of another day are not stored",
      file: `${archive}/times-of-day.ts`,
      code: "earliest >= start && latest < end",
      broken: "true",
    },
    {
      keeps: "a row whose time cannot be read is not stored",
      file: `${archive}/times-of-day.ts`,
      code: 'return "no time that can be read";',
      broken: "return undefined;",
    },
    {
      keeps: "a last row without its line break is not stored if no length was announced",
      file: `${archive}/row-check.ts`,
      code: "if (isLengthStated) return undefined;",
      broken: "return undefined;",
    },
    {
      keeps: "an empty body is no day without rows if it may have been cut",
      file: `${archive}/row-check.ts`,
      code: "if (isEndCertain) return undefined;",
      broken: "return undefined;",
    },
    {
      keeps: "a day without rows is no failure",
      file: `${archive}/row-check.ts`,
      code: "if (isEndCertain) return undefined;",
      broken: "",
    },
    {
      keeps: "a header is known in any spelling",
      file: `${archive}/match-columns.ts`,
      code: "name.trim().toLowerCase()",
      broken: "name",
    },
    {
      keeps: "a header that names a column twice is refused",
      file: `${archive}/match-columns.ts`,
      code: "if (repeated !== undefined)",
      broken: "if (false)",
    },
    {
      keeps: "a missing day has one mail, when it leaves the look-back window",
      file: `${archive}/archive-events.ts`,
      code: "missing.filter(({ date }) => date === oldest?.date)",
      broken: "missing",
    },
    {
      keeps: "a shorter file is accepted by its own hash alone",
      file: `${archive}/store-original.ts`,
      code: "if (accepted === sha256) return undefined;",
      broken: "if (accepted !== undefined) return undefined;",
    },
    {
      keeps: "a shorter file does not replace a longer one",
      file: `${archive}/store-original.ts`,
      code: "if (problem !== undefined) return { problem };",
      broken: "",
    },
    {
      keeps: "the same file is not stored again",
      file: `${archive}/store-original.ts`,
      code: 'if (stored?.metadata["sha256"] === download.sha256) return { outcome: "unchanged" };',
      broken: "",
    },
    {
      keeps: "a copy is not written if another run has replaced its original",
      file: `${archive}/store-table-copy.ts`,
      code: 'if (original?.metadata["sha256"] !== download.sha256) return false;',
      broken: "",
    },
    {
      keeps: "a table's row is on one line",
      file: `${archive}/store-table-copy.ts`,
      code: '.replace(/[\\r\\n]+/g, " ")',
      broken: "",
    },
    {
      keeps: "a file that lacks a column is refused",
      file: `${archive}/match-columns.ts`,
      code: "if (missing.length > 0) {",
      broken: "if (false) {",
    },
    {
      keeps: "an account without events gets one message",
      file: `${archive}/archive-all.ts`,
      code: "if (notIncluded.length > 0 && progress.reports.length === 0 && !run.signal.aborted)",
      broken: "if (false)",
    },
  ],
};
