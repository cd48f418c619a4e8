import { describe, expect, test } from "vitest";
import { planFor } from "./plan-for.ts";

describe("rows that share a guid", () => {
  test("the lowest address keeps it, whichever came first", () => {
    const rows = ["c", "a", "b"].map((name) => ({ email: `${name}@x.fr`, fields: { guid: "7" } }));
    const { steps, counts } = planFor([], rows);
    expect(steps.filter((step) => "fields" in step && step.fields?.["guid"] === "7")).toMatchObject([
      { email: "a@x.fr" },
    ]);
    expect(counts.desired.sharedGuids).toBe(2);
  });

  test("an address that is kept as opted out leaves the guid to one that is subscribed", () => {
    const { steps, counts } = planFor(
      [{ email: "old@x.fr", subscribed: false, cause: "READER", fields: { guid: "1" } }],
      [
        { email: "old@x.fr", fields: { guid: "7" } },
        { email: "young@x.fr", fields: { guid: "7" } },
      ],
    );
    expect(steps).toMatchObject([{ kind: "subscribe", email: "young@x.fr", fields: { guid: "7" } }]);
    expect(counts.desired.sharedGuids).toBe(0);
  });

  test("an address whose other fields change keeps the guid that the provider has for it", () => {
    const { steps } = planFor(
      [{ email: "z@x.fr", fields: { guid: "7", data_firstname: "Zo" } }],
      [
        { email: "a@x.fr", fields: { guid: "7" } },
        { email: "z@x.fr", fields: { guid: "7", data_firstname: "Zoé" } },
      ],
    );
    expect(steps).toMatchObject([
      { kind: "update", email: "z@x.fr" },
      { kind: "subscribe", email: "a@x.fr", fields: {} },
    ]);
    expect(steps[1]).not.toHaveProperty("fields.guid");
  });

  test("one keeps it, and the others go without it and are counted", () => {
    const rows = ["a@x.fr", "b@x.fr", "c@x.fr"].map((email) => ({
      email,
      fields: { guid: "7" },
    }));
    const { steps, counts } = planFor([], rows);
    expect(steps).toMatchObject([{ fields: { guid: "7" } }, { fields: {} }, { fields: {} }]);
    expect(steps[1]).not.toHaveProperty("fields.guid");
    expect(counts.desired.sharedGuids).toBe(2);
  });

  test("a guid that the provider has for an unchanged address is given to no other", () => {
    const { steps } = planFor(
      [{ email: "a@x.fr", fields: { guid: "7" } }],
      [
        { email: "a@x.fr", fields: { guid: "7" } },
        { email: "b@x.fr", fields: { guid: "7", data_firstname: "Zoé" } },
      ],
    );
    expect(steps).toMatchObject([{ kind: "subscribe", email: "b@x.fr", fields: { data_firstname: "Zoé" } }]);
    expect(steps[0]).not.toHaveProperty("fields.guid");
  });

  test("a row that gave way to a later one of its address frees its guid", () => {
    const { steps } = planFor(
      [],
      [
        { email: "a@x.fr", consentedAt: 1, fields: { guid: "7" } },
        { email: "a@x.fr", consentedAt: 2, fields: { guid: "8" } },
        { email: "b@x.fr", fields: { guid: "7" } },
      ],
    );
    expect(steps).toMatchObject([{ fields: { guid: "8" } }, { fields: { guid: "7" } }]);
  });

  test("a row that gave way to one that is the same at the provider frees its guid, too", () => {
    const { steps, counts } = planFor(
      [{ email: "a@x.fr", fields: { guid: "8" } }],
      [
        { email: "a@x.fr", consentedAt: 1, fields: { guid: "7" } },
        { email: "a@x.fr", consentedAt: 2, fields: { guid: "8" } },
        { email: "b@x.fr", fields: { guid: "7" } },
      ],
    );
    expect(steps).toMatchObject([{ email: "b@x.fr", fields: { guid: "7" } }]);
    expect(counts.desired.sharedGuids).toBe(0);
  });

  test("a row without a guid frees the guid of the row that it replaces", () => {
    const { steps } = planFor(
      [{ email: "a@x.fr", fields: { guid: "7" } }],
      [
        { email: "a@x.fr", consentedAt: 1, fields: { guid: "7" } },
        { email: "a@x.fr", consentedAt: 2 },
        { email: "b@x.fr", fields: { guid: "7" } },
      ],
    );
    expect(steps).toMatchObject([{ email: "b@x.fr", fields: { guid: "7" } }]);
  });

  test("a guid that only the provider has is free in the source", () => {
    const { steps } = planFor(
      [{ email: "a@x.fr", fields: { guid: "7" } }],
      [{ email: "a@x.fr" }, { email: "b@x.fr", fields: { guid: "7" } }],
    );
    expect(steps).toMatchObject([{ email: "b@x.fr", fields: { guid: "7" } }]);
  });

  test("an unsubscribed row sends no guid, so it shares none", () => {
    const { steps, counts } = planFor(
      [],
      [
        { email: "a@x.fr", subscribed: false, fields: { guid: "7" } },
        { email: "b@x.fr", fields: { guid: "7" } },
      ],
    );
    expect(steps).toMatchObject([{ email: "b@x.fr", fields: { guid: "7" } }]);
    expect(counts.desired.sharedGuids).toBe(0);
  });
});
