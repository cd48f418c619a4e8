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
      file: `${job}/unescape.ts`,
      code: 'form = form.replace(encodedBytes, (bytes) => Buffer.from(bytes.replaceAll("%", ""), "hex").toString());',
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
      file: `${job}/record-ends.ts`,
      code: 'if (byte === lineFeed && this.#state !== "inQuotes") ends.push(at + 1);',
      broken: "if (byte === lineFeed) ends.push(at + 1);",
    },
    {
      keeps: "a plan from which a reader was erased can still be approved",
      file: `${job}/erase-plan.ts`,
      code: "[{ ...chunk, changes: rows, sha256 }]",
      broken: "[chunk]",
    },
    {
      keeps: "a plan can still be approved if an erasure ended in the middle of it",
      file: `${job}/erase-plan.ts`,
      code: "if (summary !== undefined && left.size > 0) await describeAnew(summary, left, erasure);",
      broken:
        "for (const [key, rows] of left) await writeRowsLeft(key, rows, erasure);\n" +
        "if (summary !== undefined && left.size > 0) await describeAnew(summary, left, erasure);",
    },
    {
      keeps: "what another reader's row says of a reader does not cost them the row",
      file: `${job}/record-eraser.ts`,
      code: "this.#addressColumns.length > 0",
      broken: "this.#addressColumns.length < 0",
    },
    {
      keeps: "quotes that nothing closes do not make one record of a file",
      file: `${job}/csv-records.ts`,
      code: "!(records.isWithinQuotes && begunBytes > longestRecord)",
      broken: "begunBytes > 0",
    },
    {
      keeps: "a damaged archived file does not keep a reader in all others",
      file: `${job}/erase-archive.ts`,
      code: "if (!isOfZlib(error)) throw error;",
      broken: "throw error;",
    },
    {
      keeps: "no receipt says that a memory forgot what S3 did not write",
      file: `${job}/erase-memory.ts`,
      code: "if (failures.length > 0) throw failures[0];",
      broken: "",
    },
    {
      keeps: "that the history of a run is lost is said",
      file: `${job}/read-history.ts`,
      code: "gaps.push(...(await findGaps(bucket, { list, jobs, known, now })));",
      broken: "",
    },
    {
      keeps: "a history that was written with another key is said to be unreadable",
      file: `${job}/read-history.ts`,
      code: "isOfOtherKey ||= !isOfKey(reader.keyName, block);",
      broken: "",
    },
    {
      keeps: "what the database was told of an earlier departure is not told of this one",
      file: `${job}/tell-reader.ts`,
      code: "(causeAt === undefined || Date.parse(causeAt) > unsubscribedAt - minuteMs)",
      broken: "true",
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
