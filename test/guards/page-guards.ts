import type { GuardGroup } from "./guard.ts";

const showRuns = "functions/show-runs";

/** What a person reads of runs, and that nothing of a report can harm who reads it. */
export const pageGuards: GuardGroup = {
  tests: ["test/show-runs", "test/infra/stacks/pages-stack"],
  guards: [
    {
      keeps: "no text of a report becomes a tag of its page",
      file: `${showRuns}/html.ts`,
      code: `.replace(/[&<>"']/g, (character) => escapes[character]!)`,
      broken: "",
    },
    {
      keeps: "what cannot be seen in a text is named on its page",
      file: `${showRuns}/html.ts`,
      code: "plain(String(part))",
      broken: "String(part)",
    },
    {
      keeps: "a page runs no script and asks nobody for anything",
      file: `${showRuns}/page.ts`,
      code: "default-src 'none'; ",
      broken: "",
    },
    {
      keeps: "a run that ends beside others is in the index",
      file: `${showRuns}/keep-index.ts`,
      code: "{ ...condition, contentType: ",
      broken: "{ contentType: ",
    },
    {
      keeps: "no older page of the index replaces a newer one",
      file: `${showRuns}/keep-index.ts`,
      code: "revisionOf(standing.bytes) >= page.revision",
      broken: "false",
    },
    {
      keeps: "an index that is lost or damaged is made anew of the reports",
      file: `${showRuns}/keep-index.ts`,
      code: "known ?? (await rebuild(dependencies))",
      broken: "known ?? { version: 1, revision: 0, subjects: {} }",
    },
    {
      keeps: "the page of an index that was made anew replaces the one that stands",
      file: `${showRuns}/keep-index.ts`,
      code: "page === undefined ? 0 : revisionOf(page.bytes)",
      broken: "0",
    },
    {
      keeps: "an event that comes twice lists its run once",
      file: `${showRuns}/run-index.ts`,
      code: ".filter(({ run }, place, sorted) => run !== sorted[place - 1]?.run)",
      broken: "",
    },
    {
      keeps: "a run whose day is one point is not counted twice",
      file: `${showRuns}/run-index.ts`,
      code: "runId.slice(0, 8) in points",
      broken: "false",
    },
    {
      keeps: "the run that did something is shown, however many looks came after it",
      file: `${showRuns}/run-index.ts`,
      code: "if (acted && !last.includes(acted)) ",
      broken: "if (false && acted) ",
    },
    {
      keeps: "a number that no run has makes no index that cannot be read",
      file: `${showRuns}/shown-report.ts`,
      code: "z.number().nonnegative()",
      broken: "z.number()",
    },
    {
      keeps: "an object whose name tells no time keeps nothing from being drawn",
      file: "functions/platform/storage/page-keys.ts",
      code: "(?:0[1-9]|1[0-2])",
      broken: "\\\\d{2}",
    },
    {
      keeps: "a look is no run in the plots",
      file: `${showRuns}/point.ts`,
      code: "if (isLook(report)) return undefined;",
      broken: "",
    },
    {
      keeps: "a duplicate is no run in the plots",
      file: `${showRuns}/point.ts`,
      code: 'if (report.outcome === "duplicate") return undefined;',
      broken: "",
    },
    {
      keeps: "a look is not shown as a run that succeeded",
      file: `${showRuns}/badge.ts`,
      code: 'outcome === "succeeded" && look',
      broken: "false",
    },
    {
      keeps: "a look that failed does not tell what the next run will do",
      file: `${showRuns}/index-page.ts`,
      code: 'look.outcome === "failed"',
      broken: "false",
    },
    {
      keeps: "a limit that holds nothing back is not shown as exceeded",
      file: `${showRuns}/plan-sections.ts`,
      code: "const isExceeded = exceeded.has(limit)",
      broken: "const isExceeded = used > allowed",
    },
    {
      keeps: "what draws pages is not invoked by its own pages",
      file: "infra/constructs/report-rule.ts",
      code: "/*/*.json`",
      broken: "/*`",
    },
  ],
};
