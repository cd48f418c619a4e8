import { expect, test } from "vitest";
import { metricsOf } from "../../functions/archive-events/metrics.ts";
import type { FileReport } from "../../functions/archive-events/report.ts";

const file = (event: FileReport["event"], outcome: FileReport["outcome"], rows?: number): FileReport => ({
  event,
  date: "2018-02-15",
  key: "",
  outcome,
  ...(rows !== undefined && { rows }),
});

test("counts the rows of stored and replaced files by event", () => {
  const files = [
    file("nl_click", "stored", 2),
    file("nl_click", "replaced", 3),
    file("nl_click", "unchanged", 10),
    file("nl_send", "failed", 10),
    file("nl_send", "unavailable"),
    file("nl_bounce", "stored", 0),
    file("nl_complaint", "empty", 0),
  ];
  expect(metricsOf({ files, missing: 2, lost: 1, requests: { sent: 9, retried: 1 } })).toEqual({
    ArchiveFilesStored: 3,
    ArchiveFilesFailed: 1,
    ArchiveFilesMissing: 2,
    ArchiveFilesLost: 1,
    "ArchivedRows-nl_click": 5,
    "ArchivedRows-nl_bounce": 0,
    RequestsSent: 9,
    RequestsRetried: 1,
  });
});

test("a run that failed at its start has no metrics", () => {
  expect(metricsOf({})).toEqual({});
});
