import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { describeStatus } from "../../functions/domain/http-status.ts";
import { BatchRefusedError, ProviderRefusalError } from "../../functions/domain/provider-errors.ts";
import { refusalOf, writeRefusalOf } from "../../functions/providers/ownpage/refusal.ts";
import { within } from "./time-limit.ts";
import { nestedJson } from "./wild-json.ts";

const rows = 3;
const sent = [{ email: "a@x.fr" }, { email: "b@x.fr" }, { email: "c@x.fr" }];
const placeOf = (position: number) => [0, 1, 2].indexOf(position);

function refusal(body: string, status = 400): BatchRefusedError | ProviderRefusalError {
  const endpoint = "POST /newsletters/lists/{list}/subscribers";
  return writeRefusalOf(endpoint, status, { body, sent, placeOf }) ?? refusalOf(endpoint, status, 1);
}

function linesOf(body: string) {
  const error = refusal(body);
  return error instanceof BatchRefusedError ? error.lines : [];
}

const parts = [
  "L1",
  "L2:",
  "L3 : ",
  "L0:",
  "L-1:",
  "L99:",
  "L1e0:",
  ":",
  ",",
  ";",
  "\n",
  " ",
  "error(s)",
  "1 error(s):",
];
const words = fc.array(fc.oneof(fc.constantFrom(...parts), fc.string({ unit: "binary", maxLength: 4 })));
const text = words.map((list) => list.join(""));
const body = fc.oneof(
  text,
  text.map((message) => JSON.stringify({ status: "INVALID_REQUEST", message })),
  text.map((cause) => JSON.stringify({ status: 400, cause })),
  fc.json(),
  fc.tuple(fc.constantFrom("message", "cause"), fc.json()).map(([name, json]) => `{"${name}":${json}}`),
);

describe("a refused write", () => {
  property.prop([body, fc.constantFrom(400, 413, 422)], { numRuns: 1000 })(
    "names only lines of the batch, whatever its body says, and quotes nothing in its message",
    (body, status) => {
      const error = refusal(body, status);
      expect(error).toBeInstanceOf(BatchRefusedError);
      const { lines, reason, message } = error as BatchRefusedError;
      expect(lines.filter(({ position }) => ![0, 1, 2].includes(position))).toEqual([]);
      expect(reason.length).toBeLessThanOrEqual(500);
      expect(message).toBe(
        `POST /newsletters/lists/{list}/subscribers refused a batch with ${describeStatus(status)}, naming ${lines.length} lines`,
      );
    },
  );

  property.prop([body, fc.constantFrom(100, 302, 401, 402, 403, 404, 409, 418, 451)], { numRuns: 200 })(
    "with another status is a refusal of the whole batch, whatever its body says",
    (body, status) => {
      const error = refusal(body, status);
      expect(error).toBeInstanceOf(ProviderRefusalError);
      expect(error.message).toMatch(
        /^POST \/newsletters\/lists\/\{list\}\/subscribers was refused with status \d+( \([A-Z][A-Za-z ]+\))?: /,
      );
    },
  );

  property.prop([
    fc.uniqueArray(fc.integer({ min: 1, max: rows })),
    fc.constantFrom(", ", "; ", "\n", ",\r\n", ";\n\t"),
  ])("names every line of its body, in any order and however they are separated", (named, separator) => {
    const message = `${named.length} error(s): ${named.map((line) => `L${line}: reason ${line}`).join(separator)}`;
    const expected = named.map((line) => ({ position: line - 1, reason: `reason ${line}` }));
    expect(linesOf(JSON.stringify({ message }))).toEqual(expected);
  });

  test.each([
    ["a number beyond every other", `L${"9".repeat(400)}: a`],
    ["a number below one", "L0: a, L-1: b, L00: c"],
    ["a number of another notation", "L1e0: a, L0x1: b, L1.0: c, L٣: d, L²: e"],
    ["another letter", "l1: a, Ł1: b, Line 1: c, LL1: d"],
    ["an inherited name", '{"__proto__":{"message":"L1: a"}}'],
    ["an array", '[{"message":"L1: a"}]'],
    ["deep nesting", nestedJson(200_000)],
    ["nothing", ""],
  ])("with %s names no line", (_, body) => {
    expect(linesOf(body)).toEqual([]);
  });

  test.each([
    ["line breaks", "\n"],
    ["commas", ","],
    ["spaces", " "],
    ["commas and spaces", ", "],
    ["commas and line breaks", ",\n"],
    ["digits", "1"],
    ["lines without a reason", "L1:"],
    ["lines", ",L1:"],
    ["lines without an end", ", L1 "],
    ["counts of errors", "1 error(s): "],
    ["braces", "{"],
    ["quotes", '"'],
    ["backslashes", "\\"],
  ])("with a megabyte of %s is quickly parsed", (_, part) => {
    const repeated = part.repeat(1_000_000 / part.length);
    for (const body of [repeated, JSON.stringify({ message: `1 error(s): L1: a${repeated}` })]) {
      const lines = within(3000, () => linesOf(body));
      expect(lines.filter(({ position }) => position !== 0)).toEqual([]);
    }
  });
});
