import { expect, test } from "vitest";
import { listSchema } from "../../functions/configuration.ts";
import type { ImportEvent } from "../../functions/import-subscribers/event.ts";
import { importSubscribers } from "../../functions/import-subscribers/import-subscribers.ts";
import type { ImportReport } from "../../functions/import-subscribers/report.ts";
import { openImporter } from "../../functions/providers/open-provider.ts";
import type { ContactSeed } from "../../infra/sandbox/constant-contact/contact.ts";
import { dailyList, type SandboxOptions } from "../../infra/sandbox/constant-contact/sandbox-options.ts";
import { onDaily, openWorld } from "../providers/constant-contact/connect.ts";
import { type DesiredRow, sourceOf } from "../support/desired-rows.ts";
import { InMemoryFiles } from "../support/in-memory-files.ts";
import { testRun } from "../support/test-run.ts";

const columns = ["guid", "data_first_name"];
const numbered = (count: number): DesiredRow[] =>
  Array.from({ length: count }, (_, n) => ({
    email: `reader${n}@x.fr`,
    // Every third one has no name.
    fields: { guid: `g${n}`, data_first_name: n % 3 === 0 ? "" : `Name "${n}", of x` },
  }));

async function accountWith(
  contacts: readonly ContactSeed[],
  rows: DesiredRow[],
  options: SandboxOptions = {},
) {
  const world = await openWorld({ contacts, ...options });
  const { configuration, ...access } = world.options();
  const limits = { update: { ratio: 1 } };
  const source = { kind: "csv", uri: "s3://exports/daily.csv" };
  const list = listSchema.parse({ id: dailyList, source, import: { rowsPerFile: 70 }, limits });
  const run = async (event: Partial<ImportEvent> = {}) => {
    world.sandbox.requests.length = 0;
    world.clock.time += 3_600_000;
    const run = {
      ...testRun<ImportReport>({ at: world.clock.now() }),
      now: () => new Date(world.clock.now()),
    };
    const dependencies = {
      lists: { daily: list },
      store: world.store,
      files: new InMemoryFiles(),
      importerOf: (_: object, told: { deadline: Date; note(text: string): void }) =>
        openImporter(
          configuration,
          { name: "daily", id: dailyList },
          { ...access, ...told, timeZone: "Europe/Paris" },
        ),
      openSource: async () => sourceOf(rows, { columns, readAt: run.startedAt.getTime() }),
      sleep: (ms: number, signal: AbortSignal) => world.clock.wait(ms, signal),
    };
    await importSubscribers({ list: "daily", ...event } as ImportEvent, dependencies, run);
    return run.report as ImportReport;
  };
  const files = () =>
    world.sandbox.requests.filter(({ template }) => template.endsWith("contacts_file_import")).length;
  return { world, run, files, sandbox: world.sandbox };
}

test("a first load goes by files of the provider's own format, and both sides agree afterwards", async () => {
  const { run, files, sandbox } = await accountWith([], numbered(200));
  const report = await run();
  expect(report.files.map(({ rows, import: answer }) => [rows, answer])).toEqual([
    [70, { id: "unknown", status: "completed" }],
    [70, { id: "unknown", status: "completed" }],
    [60, { id: "unknown", status: "completed" }],
  ]);
  expect(report.remaining).toEqual({ subscribe: 0, resubscribe: 0, update: 0, unsubscribe: 0 });
  // Those with a name and those without: no cell of a file is empty.
  expect(files()).toBe(6);
  expect(sandbox.membersOf(dailyList)).toHaveLength(200);
  expect(sandbox.contact("reader1@x.fr")).toMatchObject({
    first_name: 'Name "1", of x',
    permission_to_send: "implicit",
    custom_fields: { guid: "g1" },
  });
  expect((await run()).planned).toMatchObject({ subscribe: 0, update: 0, unchanged: 200 });
});

test.each(["nothing", "clear"] as const)(
  "unsubscriptions are taken off, updates keep what they do not change, whatever an empty value does: %s",
  async (emptyImportValues) => {
    const others = numbered(30);
    const contacts = others.map(({ email, fields }) =>
      onDaily(email, { first_name: "Old", custom_fields: { guid: fields!["guid"]! } }),
    );
    const rows: DesiredRow[] = others.map((row, n) =>
      n === 0 ? { ...row, subscribed: false, cause: "READER" } : row,
    );
    const { run, sandbox } = await accountWith(contacts, rows, { emptyImportValues });
    const report = await run();
    expect(report.remaining).toEqual({ subscribe: 0, resubscribe: 0, update: 0, unsubscribe: 0 });
    expect(sandbox.membersOf(dailyList)).not.toContain("reader0@x.fr");
    expect(sandbox.contact("reader1@x.fr")).toMatchObject({
      first_name: 'Name "1", of x',
      custom_fields: { guid: "g1" },
    });
    expect(sandbox.contact("reader3@x.fr")).toMatchObject({ first_name: "Old" });
    expect(report.notCleared).toBe(9);
  },
);

test("who left a moment ago is in no file, and neither is who opted out, is on hold or pending", async () => {
  const away: ContactSeed[] = (["unsubscribed", "temp_hold", "pending_confirmation", "not_set"] as const).map(
    (permission_to_send) => onDaily(`${permission_to_send}@x.fr`, { permission_to_send }),
  );
  const rows = [...numbered(30), ...away.map(({ email }) => ({ email: email! }))];
  const contacts = numbered(30).map(({ email }) => onDaily(email));
  const { run, sandbox } = await accountWith([...contacts, ...away], rows);
  const stop = sandbox.onRequest(({ path }) => {
    if (!path.endsWith("/activities")) return;
    sandbox.people.leave("reader7@x.fr", dailyList);
    stop();
  });
  // What was announced and is not done would be a failure; the reader's leaving is none.
  await run().catch((error: Error) => expect(error.name).toBe("ImportIncompleteError"));
  const sent = sandbox.writes.map((row) => (row as { email?: unknown }).email);
  expect(sent).toContain("reader8@x.fr");
  const notSent = ["reader7@x.fr", ...away.map(({ email }) => email)];
  expect(notSent.filter((email) => sent.includes(email))).toEqual([]);
  expect(sandbox.membersOf(dailyList)).not.toContain("reader7@x.fr");
});
