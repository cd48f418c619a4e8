import { spawn } from "node:child_process";

/** Opens a URL in the user's browser; where there is none, nothing happens. */
export function openBrowser(url: string): void {
  const openers: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
    darwin: ["open"],
    win32: ["rundll32", "url.dll,FileProtocolHandler"],
  };
  const [command, ...options] = openers[process.platform] ?? ["xdg-open"];
  spawn(command, [...options, url], { stdio: "ignore", detached: true })
    .on("error", () => undefined)
    .unref();
}
