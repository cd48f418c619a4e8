import { execFile, fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { MeasuredFigures } from "./comparison.ts";

const pathOf = (script: string) => fileURLToPath(new URL(script, import.meta.url));

/** Runs a script of this folder that prints its figures. @param variables added to its environment */
export async function runScript(
  script: string,
  scriptArguments: string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<MeasuredFigures> {
  const env = { ...process.env, ...variables };
  const { stdout } = await promisify(execFile)(process.execPath, [pathOf(script), ...scriptArguments], {
    env,
  });
  return JSON.parse(stdout);
}

/** Starts a script, by its path from this folder, that sends its URL and ends when it is disconnected. */
export async function startServer(
  script: string,
  scriptArguments: string[],
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const server = fork(pathOf(script), scriptArguments, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const ended = once(server, "exit");
  const endedEarly = ended.then(([code]) => {
    throw new Error(`${script} ended with status ${code}`);
  });
  const [{ url }] = (await Promise.race([once(server, "message"), endedEarly])) as [{ url: string }];
  endedEarly.catch(() => undefined);
  return {
    url,
    stop: async () => {
      if (server.connected) server.disconnect();
      await ended;
    },
  };
}

export function isOnPath(program: string): boolean {
  return spawnSync("sh", ["-c", 'command -v "$0"', program]).status === 0;
}
