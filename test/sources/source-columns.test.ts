import { describe, expect, test } from "vitest";
import { findColumns } from "../../functions/sources/source-columns.ts";
import { thrownBy } from "./outcomes.ts";

const allowed = "email, subscribed, unsubscribed_cause, guid, consented_at and data_*";

describe("columns are refused", () => {
  test("when they are more than any reader has", () => {
    const columns = (count: number) => [
      "email",
      ...Array.from({ length: count - 1 }, (_, index) => `data_${index}`),
    ];
    expect(findColumns(columns(1664)).size).toBe(1664);
    expect(thrownBy(() => findColumns(columns(1665))).message).toBe(
      "source, its columns: are 1665, and 1664 are the most",
    );
  });

  test.each([
    [["guid"], "source, its columns: none of the 1 is named email"],
    [["guid", "E-Mail"], "source, its columns: none of the 2 is named email: is column 2 meant?"],
    [["email", "Email"], 'source, column 2: "email" occurs twice'],
    [["email", "data_a", "data_a"], 'source, column 3: "data_a" occurs twice'],
    [["email", "", "guid"], "source, column 2: has no name: does each line end with an extra delimiter?"],
    [["email", "subscribd"], `source, column 2: its name is not one of ${allowed}: is subscribed meant?`],
  ])("%j", (columns, message) => {
    expect(thrownBy(() => findColumns(columns))).toMatchObject({ name: "SourceError", message });
  });

  test.each(["firstname", "Data_Town", "data_", "data"])("with a hint how a field is named: %s", (name) => {
    expect(thrownBy(() => findColumns(["email", name])).message).toBe(
      `source, column 2: its name is not one of ${allowed}. To send it as a field of the reader, begin its name with data_`,
    );
  });

  test.each([
    [["jane@example.fr", "Jane Doe"]],
    [["email", "Jane Doe"]],
    [["email", "Jane"]],
    [["email", "data_firstnamejane@example.fr", "guid"]],
    [["email", "data_firstname\njane", "guid"]],
    [["email", "guidjane@example.fr", "Jane"]],
    [["jane"]],
  ])("without showing a name that may be a reader's: %j", (columns) => {
    expect(thrownBy(() => findColumns(columns)).message).not.toMatch(/jane/i);
  });
});
