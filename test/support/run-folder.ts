import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Gives a run one folder for all its temporary files, and removes it at the end. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "newsletter-sync-tests-"));
  process.env["TMPDIR"] = folder;
  // A server that ends with its worker may be removing its files, too.
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
}
