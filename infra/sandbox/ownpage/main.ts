import { parseArgs } from "node:util";
import type { SandboxOptions } from "./sandbox-options.ts";
import { startSandbox } from "./start-sandbox.ts";

const usage = `npm run sandbox -- [options]
  --port N          where to listen (default 4010; 0: one that is free)
  --delay MS        wait before each answer (default 0)
  --client C        the client's name (default demo)
  --api-key K       the client's key (default demo-key)
  --subscribers N   size of the synthetic list 123 (default 100)
  --help
Steered while it runs by POST and DELETE /sandbox/faults, GET and DELETE /sandbox/requests,
GET and PUT /sandbox/lists/ID, DELETE /sandbox/tokens.`;

const limits = { port: 65_535, delay: 3_600_000, subscribers: 100_000_000 };

// The log of a large list's writes would be as large as the list.
const maxSubscribersLogged = 100_000;

function readOptions(): SandboxOptions | "help" {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "4010" },
      delay: { type: "string", default: "0" },
      client: { type: "string", default: "demo" },
      "api-key": { type: "string", default: "demo-key" },
      subscribers: { type: "string", default: "100" },
      help: { type: "boolean", default: false },
    },
  });
  const wholeNumber = (flag: keyof typeof limits) => {
    const number = /^\d+$/.test(values[flag]) ? Number(values[flag]) : Number.NaN;
    if (number <= limits[flag]) return number;
    throw new Error(`--${flag} must be a whole number from 0 to ${limits[flag]}, not "${values[flag]}"`);
  };
  if (values.help) return "help";
  const synthetic = wholeNumber("subscribers");
  return {
    port: wholeNumber("port"),
    delayMs: wholeNumber("delay"),
    credentials: { client: values.client, apiKey: values["api-key"] },
    lists: [{ id: 123, name: "Daily", synthetic }],
    keepBodies: synthetic <= maxSubscribersLogged,
  };
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options === "help") return console.log(usage);
  const sandbox = await startSandbox(options);
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
