import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import PlainReporter from "./plain-reporter.ts";

export default defineConfig({
  test: {
    root: fileURLToPath(new URL("..", import.meta.url)),
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/support/seed.ts"],
    pool: "forks",
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ["default", new PlainReporter()],
  },
});
