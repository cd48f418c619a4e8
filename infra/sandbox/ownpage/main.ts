import { runSandboxCommand, serverFlags, wholeNumber } from "../sandbox-command.ts";
import { startSandbox } from "./start-sandbox.ts";

const usage = `npm run sandbox -- [options]
  --port N          the port to listen on, 0 for any free one (4010)
  --delay MS        how long to wait before each answer (0)
  --client NAME     the client's name (demo)
  --api-key KEY     the client's key (demo-key)
  --subscribers N   the size of the synthetic list 123 (100)
  --provider NAME   another provider's sandbox: ownpage or constant-contact (ownpage)
  --help            show this
While it runs, POST and DELETE /sandbox/faults, GET and DELETE /sandbox/requests,
GET and PUT /sandbox/lists/ID and DELETE /sandbox/tokens control it.`;

// The log of the writes to a large list would be as large as the list.
const maxSubscribersLogged = 100_000;

await runSandboxCommand({
  usage,
  defaults: { client: "demo", "api-key": "demo-key", subscribers: "100" },
  start: async (flags) => {
    const synthetic = wholeNumber("subscribers", flags.subscribers, 100_000_000);
    const { url, credentials, stop } = await startSandbox({
      ...serverFlags(flags),
      credentials: { client: flags.client, apiKey: flags["api-key"] },
      lists: [{ id: 123, name: "Daily", synthetic }],
      keepBodies: synthetic <= maxSubscribersLogged,
    });
    const { client, apiKey } = credentials;
    const greeting = `Ownpage sandbox: ${url}, client ${client}, API key ${apiKey}, lists 123 (Daily)`;
    return { url, greeting, stop };
  },
});
