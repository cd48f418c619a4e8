import { describe, expect, test } from "vitest";
import { createErrorReader, wordsOf } from "../../../functions/providers/ownpage/row-errors.ts";

const rows = [{ email: "Ana@x.fr" }, { email: "o'brien@x.fr" }, { email: "zoe@bücher.example" }];
const read = createErrorReader(rows);
const positionsIn = (error: unknown) => read(error).map(({ position }) => position);

describe("an error names", () => {
  test.each([
    ["L2: email is missing", [1]],
    ["2 error(s): L1: a, L3: b", [0, 2]],
    ["email ana@x.fr is invalid", [0]],
    ["the address <ANA@X.FR>, and also zoe@xn--bcher-kva.example.", [0, 2]],
    ["'o'brien@x.fr' is not accepted", [1]],
    [{ line: 2, message: "invalid" }, [1]],
    [{ line: "L3", message: "invalid" }, [2]],
    [{ row: 1, cause: "invalid" }, [0]],
    [{ position: 3, error: "invalid" }, [2]],
    [{ index: 0, error: "invalid" }, [0]],
    [{ email: "zoe@bücher.example", line: 1 }, [2]],
    [{ email: "nobody@x.fr", line: 1 }, [0]],
    [{ message: "L2: email is missing" }, [1]],
    [{ cause: "ana@x.fr was refused" }, [0]],
  ])("the rows that it tells of: %j", (error, positions) => {
    expect(positionsIn(error)).toEqual(positions);
  });

  test.each([
    ["something went wrong"],
    ["nobody@x.fr is invalid"],
    ["L0: a, L4: b"],
    [{ line: 0, message: "invalid" }],
    [{ line: 4 }],
    [{ line: 1.5 }],
    [{ index: -1 }],
    [{ line: true, email: 7 }],
    [{}],
    [null],
    [7],
    [["L1: a"]],
  ])("no row of another batch, and none by guessing: %j", (error) => {
    expect(positionsIn(error)).toEqual([]);
  });

  test("a row with a reason of bounded length", () => {
    expect(read({ line: 1, message: "x".repeat(1_000) })).toEqual([{ position: 0, reason: "x".repeat(500) }]);
    expect(wordsOf({ line: 1 })).toBe("an error without words");
  });
});

test.each(["a", "@", "a@", "'", ".", "'.", "a@x.fr ", "<", "L1:"])(
  "a megabyte of %j is read quickly",
  (part) => {
    const started = performance.now();
    read(part.repeat(1_000_000 / part.length));
    read(`a@b${part.repeat(1_000_000 / part.length)}`);
    expect(performance.now() - started).toBeLessThan(3_000);
  },
);
