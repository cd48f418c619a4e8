import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import PlainReporter from "./plain-reporter.ts";

/**
 * Each of these files gets a process of its own: it changes its process for good (environment, modules, V8's flags), or
 * measures it, or starts others. All other files share a few processes and leave them as they were.
 */
const isolated = [
  "test/local/**/*.test.ts",
  "test/simulation/**/*.test.ts",
  "test/sources/source-thread*.test.ts",
  "test/*/handler.test.ts",
  "test/infra/{deployed,job-function}.test.ts",
  "test/platform/create-handler.test.ts",
  "test/platform/storage/list-memory-size.test.ts",
  "test/wild/events.test.ts",
];

export default defineConfig({
  test: {
    root: fileURLToPath(new URL("..", import.meta.url)),
    // The first project's files come first, and the slowest are among them.
    projects: [
      { extends: true, test: { name: "isolated", include: isolated } },
      {
        extends: true,
        test: {
          name: "shared",
          include: ["test/**/*.test.ts"],
          exclude: isolated,
          isolate: false,
        },
      },
    ],
    globalSetup: ["test/support/run-folder.ts"],
    setupFiles: ["test/support/seed.ts"],
    env: {
      // CDK's own validation takes a second; `npm run synth` includes it.
      CDK_VALIDATION: "false",
      // Many processes and threads load the same modules.
      NODE_COMPILE_CACHE: fileURLToPath(new URL("../node_modules/.cache/compiled", import.meta.url)),
    },
    pool: "forks",
    // Some tests wait for other processes, so one more than there are cores.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ["default", new PlainReporter()],
  },
});
