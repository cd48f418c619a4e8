import { parseArgs } from "node:util";
import type { SandboxOptions } from "./sandbox-options.ts";
import { startSandbox } from "./start-sandbox.ts";

const usage = `npm run sandbox -- [options]
  --port N          the port to listen on, 0 for any free one (4010)
  --delay MS        how long to wait before each answer (0)
  --client NAME     the client's name (demo)
  --api-key KEY     the client's key (demo-key)
  --subscribers N   the size of the synthetic list 123 (100)
  --help            show this
While it runs, POST and DELETE /sandbox/faults, GET and DELETE /sandbox/requests,
GET and PUT /sandbox/lists/ID and DELETE /sandbox/tokens control it.`;

const limits = { port: 65_535, delay: 3_600_000, subscribers: 100_000_000 };

// The log of the writes to a large list would be as large as the list.
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
  const reason = error.code === "EADDRINUSE" ? "the port is taken: choose another --port" : error.message;
  console.error(`${reason}\n\n${usage}`);
  process.exitCode = 1;
});
