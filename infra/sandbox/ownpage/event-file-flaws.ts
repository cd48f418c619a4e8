import { type Answer, textAnswer } from "../answer.ts";

/** What may be wrong with an event's files, or lacking in them, although they are answered with success. */
export type EventFileFlaw = "cutRow" | "errorText" | "missingHalf" | "partial" | "noContent" | "noBody";

const answers: Record<EventFileFlaw, (csv: string) => Answer> = {
  /** The last row ends inside its address, and the stated length with it. */
  cutRow: (csv) => csvAnswer(csv.slice(0, csv.lastIndexOf("@"))),
  /** The program that writes the file runs out of memory within a row. */
  errorText: (csv) =>
    csvAnswer(
      `${firstHalf(csv)}<br />\n<b>Fatal error</b>: Allowed memory size of 134217728 bytes exhausted\n`,
    ),
  /** The body ends inside a row. It is chunked, and its last chunk arrives. */
  missingHalf: (csv) => ({ ...csvAnswer(firstHalf(csv)), hasLength: false }),
  /** 206, with a part that ends with a row. */
  partial: (csv) => ({ ...csvAnswer(csv), status: 206 }),
  noContent: () => ({ ...csvAnswer(""), status: 204, hasLength: false }),
  noBody: () => csvAnswer(""),
};

export function csvAnswer(csv: string, flaw?: EventFileFlaw): Answer {
  return flaw === undefined ? textAnswer("text/csv", csv) : answers[flaw](csv);
}

/** Up to within an address. */
function firstHalf(csv: string): string {
  return csv.slice(0, csv.indexOf("@", csv.length / 2));
}
