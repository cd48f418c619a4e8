import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Creates a folder for this process alone, and first removes those of the same name whose process has ended: it was
 * killed, as Lambda does when time is over, and the next process finds the same disk.
 */
export async function createScratchFolder(name: string, parent = tmpdir()): Promise<string> {
  const ofProcess = new RegExp(`^${name}-(\\d+)-\\w{6}$`);
  for (const entry of await readdir(parent)) {
    const pid = ofProcess.exec(entry)?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    await rm(join(parent, entry), { recursive: true, force: true });
  }
  return mkdtemp(join(parent, `${name}-${process.pid}-`));
}

function isRunning(pid: number): boolean {
  try {
    // Signal 0 is sent to nobody: it only asks.
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
