import { runSandboxCommand, serverFlags, wholeNumber } from "../sandbox-command.ts";
import { dailyList } from "./sandbox-options.ts";
import { startSandbox } from "./start-sandbox.ts";

const usage = `npm run sandbox -- --provider constant-contact [options]
  --port N               the port to listen on, 0 for any free one (4010)
  --delay MS             how long to wait before each answer (0)
  --contacts N           how many synthetic contacts the list "Daily" has (100)
  --client-id ID         the application's API key (demo)
  --client-secret TEXT   its secret (demo-secret)
  --refresh-token TEXT   the first refresh token (demo-refresh-token)
  --refresh-tokens KIND  rotating, or "the same" for one that lives long (rotating)
  --per-second N         how many requests a second an API key may make (4)
  --help                 show this
While it runs, POST and DELETE /sandbox/faults, GET and DELETE /sandbox/requests,
GET and POST /sandbox/contacts, POST /sandbox/opt-outs, GET and POST /sandbox/activities,
DELETE /sandbox/tokens and DELETE /sandbox/consent control it.`;

// The log of the imports of a large account would be as large as the account.
const maxContactsLogged = 100_000;

await runSandboxCommand({
  usage,
  defaults: {
    contacts: "100",
    "client-id": "demo",
    "client-secret": "demo-secret",
    "refresh-token": "demo-refresh-token",
    "refresh-tokens": "rotating",
    "per-second": "4",
  },
  start: async (flags) => {
    const synthetic = wholeNumber("contacts", flags.contacts, 10_000_000);
    const { url, tokenUrl, credentials, stop } = await startSandbox({
      ...serverFlags(flags),
      synthetic,
      credentials: {
        clientId: flags["client-id"],
        clientSecret: flags["client-secret"],
        refreshToken: flags["refresh-token"],
      },
      refreshTokens: refreshTokenKind(flags["refresh-tokens"]),
      requestsPerSecond: wholeNumber("per-second", flags["per-second"], 1_000_000),
      keepBodies: synthetic <= maxContactsLogged,
    });
    const greeting = `Constant Contact sandbox: ${url}, tokens ${tokenUrl}, secret ${JSON.stringify(credentials)}, lists ${dailyList} (Daily)`;
    return { url, greeting, stop };
  },
});

function refreshTokenKind(text: string): "rotating" | "the same" {
  if (text === "rotating" || text === "the same") return text;
  throw new Error(`--refresh-tokens must be rotating or "the same", not "${text}"`);
}
