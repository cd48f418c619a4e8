import type { GuardGroup } from "./guard.ts";

const job = "functions/look-up-reader";
const history = "functions/platform/storage/history";

export const lookUpGuards: GuardGroup = {
  tests: [
    "test/look-up-reader",
    "test/platform/storage/history",
    "test/platform/storage/scratch-store.test.ts",
    "test/platform/create-handler.test.ts",
  ],
  guards: [
    {
      keeps: "who left a list is not forgotten while the database still wants them",
      file: `${job}/erase-reader.ts`,
      code: "if (sides.spellings.some(isKeptOut)) throw new ErasureRefusedError(name);",
      broken: "",
    },
    {
      keeps: "nobody is erased for whose address another one ends",
      file: `${job}/reader-matcher.ts`,
      code: "const isWhole = !longerLocal.test(folded.slice(Math.max(0, at - 2), at));",
      broken: "const isWhole = true;",
    },
    {
      keeps: "an address in a URL is erased, too",
      file: `${job}/reader-matcher.ts`,
      code: ' || (text.includes("%") && standsIn(decoded(text)))',
      broken: "",
    },
    {
      keeps: "an archived file that was replaced meanwhile is not overwritten",
      file: `${job}/erase-csv.ts`,
      code: "const options = { contentType, metadata, ifMatch, signal };",
      broken: "const options = { contentType, metadata, signal };",
    },
    {
      keeps: "an archived file keeps what is known of it",
      file: `${job}/erase-csv.ts`,
      code: "if (Object.keys(labels).length > 0) await files.label(key, labels);",
      broken: "",
    },
    {
      keeps: "a line break in quotes does not cut a row that is erased",
      file: `${job}/csv-records.ts`,
      code: 'if (byte === lineFeed && this.#state !== "inQuotes") ends.push(at + 1);',
      broken: "if (byte === lineFeed) ends.push(at + 1);",
    },
    {
      keeps: "a plan from which a reader was erased can still be approved",
      file: `${job}/erase-plan.ts`,
      code: "[{ ...chunk, changes: left.rows, sha256 }]",
      broken: "[chunk]",
    },
    {
      keeps: "an erasure ends if its time is over, and goes on",
      file: `${job}/erase-archive.ts`,
      code: "if (done > 0 && isOver()) {",
      broken: "if (isOver()) {",
    },
    {
      keeps: "what is told of a reader is not stored",
      file: "functions/platform/create-handler.ts",
      code: "await this.#store(key, { ...ending, outcome, ...run.report });",
      broken: "await this.#store(key, { ...ending, outcome, ...run.report, ...run.answer });",
    },
    {
      keeps: "a history that cannot be written ends no run",
      file: `${history}/run-history.ts`,
      code: ".catch((error: unknown) => this.#fail(error));",
      broken: ";",
    },
    {
      keeps: "a note on the history holds no address",
      file: `${history}/run-history.ts`,
      code: "error instanceof NewsletterSyncError ? error.message : nameOf(error)",
      broken: "String(error)",
    },
    {
      keeps: "a damaged part of the history is said",
      file: `${history}/history-block.ts`,
      code: "if (crc32(rows, crc32(json)) !== block.readUInt32LE(12)) return undefined;",
      broken: "",
    },
    {
      keeps: "whoever only looks writes nothing that a run reads",
      file: "functions/platform/storage/scratch-store.ts",
      code: "if (!prefixes.some((prefix) => key.startsWith(prefix))) return store.put(key, bytes, condition);",
      broken: "if (key !== undefined) return store.put(key, bytes, condition);",
    },
  ],
};
