import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, matchesGlob } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import * as z from "zod";

/** A module of a room, and what it may and may not import. */
interface Arrows {
  readonly module: string;
  readonly allowed: readonly string[];
  readonly refused: readonly string[];
}

const rooms: Arrows[] = [
  {
    module: "functions/domain/rule.ts",
    allowed: ["zod", "./plan.ts"],
    refused: ["node:fs", "pg", "./diff/planner.ts", "./records/pack.ts", "../platform/clock.ts"],
  },
  {
    module: "functions/domain/records/packed.ts",
    allowed: ["./pack.ts", "../subscriber.ts"],
    refused: ["../diff/planner.ts", "../../platform/clock.ts", "@aws-sdk/client-s3"],
  },
  {
    module: "functions/domain/diff/matcher.ts",
    allowed: ["./planner.ts", "../decide.ts", "../records/pack.ts"],
    refused: ["../../sources/source.ts", "../../providers/provider.ts", "@aws-sdk/client-s3"],
  },
  {
    module: "functions/providers/port.ts",
    allowed: ["../domain/plan.ts", "../domain/records/pack.ts", "../platform/clock.ts"],
    refused: ["../domain/diff/planner.ts", "../sources/source.ts", "../sync-subscribers/sync-subscribers.ts"],
  },
  {
    module: "functions/providers/ownpage/client.ts",
    allowed: ["../provider.ts", "../../platform/http/http.ts", "../../domain/plan.ts"],
    refused: ["../other/client.ts", "../../domain/diff/planner.ts", "../../sync-subscribers/event.ts"],
  },
  {
    module: "functions/sources/csv/csv.ts",
    allowed: ["../source.ts", "../../platform/storage/file-store.ts", "../../domain/email.ts"],
    refused: ["../postgres/postgres.ts", "../../domain/diff/planner.ts", "../../archive-events/event.ts"],
  },
  {
    module: "functions/sinks/sink.ts",
    allowed: ["../domain/return.ts", "../platform/secrets.ts", "./csv/csv.ts"],
    refused: ["../domain/diff/planner.ts", "../sources/source.ts", "../sync-subscribers/event.ts"],
  },
  {
    module: "functions/sinks/csv/csv.ts",
    allowed: ["../sink.ts", "../../platform/storage/file-store.ts", "../../domain/return.ts"],
    refused: ["../postgres/postgres.ts", "../../sources/source.ts", "../../archive-events/event.ts"],
  },
  {
    module: "functions/platform/storage/store.ts",
    allowed: ["../clock.ts", "../../domain/errors.ts", "@aws-sdk/client-s3"],
    refused: [
      "../../providers/provider.ts",
      "../../sources/source.ts",
      "../../sinks/sink.ts",
      "../../domain/diff/planner.ts",
      "../../planning/read-both-sides.ts",
      "../../sync-subscribers/event.ts",
    ],
  },
  {
    module: "functions/planning/read.ts",
    allowed: [
      "../domain/diff/planner.ts",
      "../platform/storage/object-store.ts",
      "../providers/provider.ts",
      "../sources/source-reading.ts",
      "../configuration.ts",
      "./plan.ts",
    ],
    refused: [
      "@aws-sdk/client-s3",
      "../providers/open-provider.ts",
      "../sources/csv/csv.ts",
      "../sync-subscribers/event.ts",
    ],
  },
  {
    module: "functions/sync-subscribers/job.ts",
    allowed: [
      "../domain/diff/planner.ts",
      "../planning/read-both-sides.ts",
      "../providers/provider.ts",
      "../sinks/sink.ts",
      "../platform/clock.ts",
    ],
    refused: [
      "@aws-sdk/client-s3",
      "@middy/core",
      "../import-subscribers/report.ts",
      "../providers/open-provider.ts",
      "../providers/ownpage/client.ts",
      "../sources/csv/csv.ts",
      "../sinks/open-sink.ts",
      "../sinks/csv/csv.ts",
    ],
  },
  {
    module: "functions/sync-subscribers/handler.ts",
    allowed: ["@aws-sdk/client-s3", "../platform/create-handler.ts"],
    refused: [],
  },
  {
    module: "infra/constructs/thing.ts",
    allowed: [
      "../../functions/configuration.ts",
      "../../functions/providers/provider-configuration.ts",
      "../../functions/sync-subscribers/event.ts",
    ],
    refused: ["../../functions/platform/http/http.ts", "../../functions/providers/provider.ts"],
  },
];

const configuration = new URL("../../.biome.json", import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "newsletter-sync-arrows-"));
afterAll(() => rmSync(folder, { recursive: true }));

const reportSchema = z.object({
  diagnostics: z.array(
    z.object({ location: z.object({ path: z.string(), start: z.object({ line: z.number() }) }) }),
  ),
});

/** Lints all modules at once, with one import on each line. @returns the refused imports of each, in their order */
function lint(modules: readonly Arrows[]): Map<string, string[]> {
  cpSync(configuration, join(folder, ".biome.json"));
  for (const { module, allowed, refused } of modules) {
    const path = join(folder, module);
    mkdirSync(dirname(path), { recursive: true });
    const lines = [...allowed, ...refused].map((specifier) => `import ${JSON.stringify(specifier)};\n`);
    writeFileSync(path, lines.join(""));
  }
  const biome = fileURLToPath(import.meta.resolve("@biomejs/biome/bin/biome"));
  const options = ["--only=style/noRestrictedImports", "--reporter=json", "--max-diagnostics=none"];
  const { stdout } = spawnSync(process.execPath, [biome, "lint", ...options], {
    cwd: folder,
    encoding: "utf8",
  });
  const { diagnostics } = reportSchema.parse(JSON.parse(stdout));
  const refused = new Map(modules.map(({ module }): [string, string[]] => [module, []]));
  for (const { location } of diagnostics) {
    const { path, start } = location;
    const { allowed, refused: forbidden } = modules.find(({ module }) => module === path)!;
    refused.get(path)!.push([...allowed, ...forbidden][start.line - 1]!);
  }
  return refused;
}

const refusedIn = lint(rooms);

test.each(rooms)(
  "the linter refuses what $module must not import, and nothing else",
  ({ module, refused }) => {
    expect(refusedIn.get(module)?.toSorted()).toEqual(refused.toSorted());
  },
);

const configurationSchema = z.object({
  overrides: z.array(
    z.object({
      includes: z.array(z.string()),
      linter: z.object({ rules: z.object({ style: z.record(z.string(), z.unknown()).optional() }) }),
    }),
  ),
});

test("every rule of the linter about imports is tried", () => {
  const { overrides } = configurationSchema.parse(JSON.parse(readFileSync(configuration, "utf8")));
  const rules = overrides.filter(({ linter }) => linter.rules.style?.["noRestrictedImports"] !== undefined);
  const tried = rooms.filter(({ refused }) => refused.length > 0).map(({ module }) => module);
  const untried = rules.filter(({ includes }) =>
    tried.every((module) => !includes.some((glob) => matchesGlob(module, glob))),
  );
  expect(untried).toEqual([]);
});
