import { describe, expect, test } from "vitest";
import { archiveEventSchema, goodArchiveEvent } from "../../functions/archive-events/event.ts";

const sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

describe("an event", () => {
  test.each([
    {},
    { scheduledAt: "2018-02-16T03:30:00Z" },
    { events: ["nl_click", "nl_send"] },
    { date: "2018-02-15" },
    { date: "2028-02-29", events: ["nl_click"] },
    { from: "2018-02-15", to: "2018-02-15" },
    { from: "2018-02-15", to: "2018-03-01", events: ["nl_bounce"] },
    { date: "2018-02-15", events: ["nl_complaint"], accept: sha256 },
    goodArchiveEvent,
  ])("may be %j", (event) => {
    expect(archiveEventSchema.parse(event)).toEqual(event);
  });

  test.each([
    [{ scheduledAt: "<aws.scheduler.scheduled-time>" }, "scheduledAt", "leave the field out"],
    [{ date: "2018-02-30" }, "date", "expected a date that exists, as YYYY-MM-DD"],
    [{ date: "15/02/2018" }, "date", "expected a date that exists"],
    [{ date: "2018-02-15T00:00:00Z" }, "date", "expected a date that exists"],
    [{ date: 20180215 }, "date", "expected a date that exists"],
    [{ date: "0218-02-15" }, "date", "expected a date from 2000-01-01 on"],
    [{ from: "2018-02-15" }, "to", 'expected the last day beside "from"'],
    [{ to: "2018-02-15" }, "from", 'expected the first day beside "to"'],
    [{ from: "2018-02-16", to: "2018-02-15" }, "to", 'expected a day no earlier than "from"'],
    [{ date: "2018-02-15", from: "2018-02-15" }, "date", 'expected either "date", or "from" and "to"'],
    [{ date: "2018-02-15", to: "2018-02-15" }, "date", 'expected either "date", or "from" and "to"'],
    [{ date: "2018-02-15", accept: sha256 }, "events", 'expected exactly one event beside "accept"'],
    [
      { date: "2018-02-15", events: ["nl_click", "nl_send"], accept: sha256 },
      "events",
      'expected exactly one event beside "accept"',
    ],
    [{ events: ["nl_click"], accept: sha256 }, "accept", 'expected "date" beside it'],
    [
      { from: "2018-02-15", to: "2018-02-15", events: ["nl_click"], accept: sha256 },
      "accept",
      'expected "date" beside it',
    ],
    [
      { date: "2018-02-15", events: ["nl_click"], accept: sha256.slice(0, 16) },
      "accept",
      "expected the SHA-256 of a file, 64 hexadecimal digits",
    ],
    [{ events: [] }, "events", "expected at least one event"],
    [{ events: ["nl_open"] }, "events.0", 'expected one of "nl_click"'],
    [{ events: "nl_click" }, "events", "expected array"],
  ])("cannot be %j", (event, field, expected) => {
    const issue = archiveEventSchema.safeParse(event).error?.issues[0];
    expect(issue?.path.join(".")).toBe(field);
    expect(issue?.message).toContain(expected);
  });

  test("may write its hash in capitals", () => {
    const event = { date: "2018-02-15", events: ["nl_click"] };
    expect(archiveEventSchema.parse({ ...event, accept: sha256.toUpperCase() })).toEqual({
      ...event,
      accept: sha256,
    });
  });

  test("cannot have another field", () => {
    const [issue] = archiveEventSchema.safeParse({ day: "2018-02-15" }).error?.issues ?? [];
    expect(issue).toMatchObject({ code: "unrecognized_keys", keys: ["day"] });
  });
});
