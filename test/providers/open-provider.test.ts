import { expect, test } from "vitest";
import { ConfigurationError } from "../../functions/domain/errors.ts";
import { openEventFiles, openImporter, openProvider } from "../../functions/providers/open-provider.ts";
import { dailyList } from "../../infra/sandbox/constant-contact/sandbox-options.ts";
import { InMemoryStore } from "../support/in-memory-store.ts";
import { onDaily, openWorld } from "./constant-contact/connect.ts";
import { failureOf, optionsFor, sandboxWith, signal } from "./ownpage/connect.ts";

const timeZone = "Europe/Paris";

async function connected() {
  const sandbox = await sandboxWith({
    lists: [{ subscribers: [{ email: "a@x.fr" }] }, { id: 123, synthetic: 5 }],
  });
  const { configuration, readSecret } = optionsFor(sandbox);
  const unused = async () => expect.unreachable();
  const access = {
    ...{ readSecret, writeSecret: unused, store: new InMemoryStore(), note: unused, timeZone },
    deadline: new Date(Date.now() + 60_000),
  };
  return { configuration, access };
}

test.each([
  [123, 5],
  [undefined, 1],
])("opens the list with the id %s at the provider of its configuration", async (id, size) => {
  const { configuration, access } = await connected();
  const provider = openProvider(configuration, { name: "daily", id }, access);
  const { subscribed, unsubscribed } = await provider.countSubscribers(signal);
  expect(subscribed + unsubscribed).toBe(size);
});

test("opens a list for imports, if the provider has imports for it", async () => {
  const { configuration, access } = await connected();
  const importer = openImporter(configuration, { name: "daily", id: 123 }, access);
  expect(await importer.countSubscribers(signal)).toMatchObject({ subscribed: 5 });
  const reading = { columns: [], subscribedSince: 0, expected: 5, signal };
  let rows = 0;
  for await (const { records } of importer.readPages(reading)) rows += records.count;
  expect(rows).toBe(5);
  expect(importer.requests.sent).toBeGreaterThan(2);
  const open = () => openImporter(configuration, { name: "daily", id: undefined }, access);
  expect(open).toThrow(ConfigurationError);
  expect(open).toThrow(/^lists\.daily\.id: an import needs it/);
});

test("opens a list at Constant Contact, to be read and for imports", async () => {
  const world = await openWorld({ contacts: [onDaily("a@x.fr")] });
  const { configuration, ...access } = world.options();
  const list = { name: "daily", id: dailyList };
  const told = { deadline: new Date(world.clock.now() + 900_000), note: () => undefined, timeZone };
  for (const open of [openProvider, openImporter]) {
    const opened = open(configuration, list, { ...access, ...told });
    expect(await opened.countSubscribers(signal)).toEqual({ subscribed: 1, unsubscribed: 0 });
    expect(opened.clearsFields).toBe(false);
  }
  expect(() => openEventFiles(configuration, { ...access, ...told })).toThrow(ConfigurationError);
});

test("opens the event files of the account", async () => {
  const { configuration, access } = await connected();
  const files = openEventFiles(configuration, access);
  const opened = await files.openEvents({ event: "nl_click", date: "2018-02-15" }, signal);
  if (opened.outcome !== "found") expect.unreachable();
  opened.stream.destroy();
  expect(files.requests).toEqual({ sent: 2, retried: 0 });
});

test("waits for nothing beyond the end of the function", async () => {
  const { configuration, access } = await connected();
  const unreachable = { ...configuration, baseUrl: "http://127.0.0.1:9" };
  const options = { ...access, deadline: new Date() };
  const error = await failureOf(
    openProvider(unreachable, { name: "daily", id: 123 }, options).countSubscribers(signal),
  );
  expect(error.message).toContain("no time was left for another");
});
