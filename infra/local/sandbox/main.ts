import { parseArgs } from "node:util";
import type { SandboxOptions } from "./sandbox-options.ts";
import { startSandbox } from "./start-sandbox.ts";

const usage = `npm run sandbox -- [options]
  --port N          where to listen (default 4010; 0: any free port)
  --delay MS        wait before each answer (default 0)
  --client C        the client's name (default demo)
  --api-key K       the client's key (default demo-key)
  --subscribers N   size of the synthetic list 123 (default 100)`;

const maxPort = 65_535;
const maxDelayMs = 3_600_000;
// Written rows are kept in a Map, which holds 16.7 million.
const maxSubscribers = 16_000_000;

function readOptions(): SandboxOptions {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "4010" },
      delay: { type: "string", default: "0" },
      client: { type: "string", default: "demo" },
      "api-key": { type: "string", default: "demo-key" },
      subscribers: { type: "string", default: "100" },
    },
  });
  const wholeNumber = (flag: "port" | "delay" | "subscribers", max: number) => {
    const number = /^\d+$/.test(values[flag]) ? Number(values[flag]) : Number.NaN;
    if (number <= max) return number;
    throw new Error(`--${flag} must be a whole number from 0 to ${max}, not "${values[flag]}"`);
  };
  return {
    port: wholeNumber("port", maxPort),
    delayMs: wholeNumber("delay", maxDelayMs),
    credentials: { client: values.client, apiKey: values["api-key"] },
    lists: [{ id: 123, name: "Daily", synthetic: wholeNumber("subscribers", maxSubscribers) }],
    keepBodies: wholeNumber("subscribers", maxSubscribers) < 100_000,
  };
}

async function main(): Promise<void> {
  const sandbox = await startSandbox(readOptions());
  const stop = () => sandbox.stop().then(() => process.exit(0));
  process.once("SIGINT", stop).once("SIGTERM", stop).once("disconnect", stop);
  const { client, apiKey } = sandbox.credentials;
  console.log(`Ownpage sandbox: ${sandbox.url}, client ${client}, API key ${apiKey}, lists 123 (Daily)`);
  process.send?.({ url: sandbox.url });
}

main().catch((error: NodeJS.ErrnoException) => {
  const reason = error.code === "EADDRINUSE" ? "this --port is taken, choose another" : error.message;
  console.error(`${reason}\n\n${usage}`);
  process.exitCode = 1;
});
