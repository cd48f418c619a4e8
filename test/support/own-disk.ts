import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, vi } from "vitest";

/**
 * Gives a test file a temporary folder of its own, empty before each test.
 *
 * @returns a function that lists what is in it
 */
export function useOwnDisk(): () => string[] {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "newsletter-sync-test-"));
    vi.stubEnv("TMPDIR", folder);
  });
  afterEach(() => {
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });
  return () => readdirSync(folder);
}
