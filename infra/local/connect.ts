import {
  CreateSecretCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { isCancel, password, text } from "@clack/prompts";
import { type Application, authorise } from "./authorise.ts";
import { localRoot } from "./bundle.ts";
import {
  type ConnectCommand,
  ConnectUsageError,
  connectUsage,
  parseConnectCommand,
} from "./connect-command.ts";
import { KeptSecrets } from "./kept-secrets.ts";
import { type Variables, writtenSecrets } from "./local-aws.ts";
import { openBrowser } from "./open-browser.ts";

const isTerminal = process.stdin.isTTY && process.stderr.isTTY;
const tell = (line: string) => process.stderr.write(`${line}\n`);

/** `npm run connect`: see connect-command.ts. */
async function connect(args: readonly string[], variables: Variables): Promise<void> {
  const { place, port, tokenUrl } = parseConnectCommand(args);
  const application = await readApplication(variables);
  const credentials = await authorise({ application, tokenUrl, port, show });
  await store(place, JSON.stringify(credentials));
}

async function readApplication(variables: Variables): Promise<Application> {
  const { CONSTANT_CONTACT_CLIENT_ID: clientId, CONSTANT_CONTACT_CLIENT_SECRET: clientSecret } = variables;
  if (clientId) return { clientId, ...(clientSecret && { clientSecret }) };
  if (!isTerminal) throw new ConnectUsageError("CONSTANT_CONTACT_CLIENT_ID is not set");
  const id = await text({ message: "The application's API key", validate: requireText });
  if (isCancel(id)) process.exit(130);
  const secret = await password({ message: "Its secret; empty for an application with PKCE" });
  if (isCancel(secret)) process.exit(130);
  return { clientId: id, ...(secret && { clientSecret: secret }) };
}

function requireText(text: string | undefined): string | undefined {
  return text ? undefined : "It is needed";
}

/** In a terminal, also opens the browser; where there is none, the URL can be opened by hand. */
function show(url: string): void {
  tell(`authorise newsletter-sync here:\n${url}`);
  if (isTerminal) openBrowser(url);
}

async function store(place: ConnectCommand["place"], credentials: string): Promise<void> {
  switch (place.kind) {
    case "aws":
      await storeInAws(place.secret, credentials);
      tell(`stored in the secret ${place.secret} of AWS`);
      break;
    case "local":
      new KeptSecrets(writtenSecrets(localRoot)).keep(place.secret, credentials);
      tell(`stored in the secret ${place.secret} of this machine`);
      break;
    case "print":
      process.stdout.write(`${credentials}\n`);
  }
}

async function storeInAws(name: string, SecretString: string): Promise<void> {
  const client = new SecretsManagerClient();
  try {
    await client.send(new PutSecretValueCommand({ SecretId: name, SecretString }));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    await client.send(new CreateSecretCommand({ Name: name, SecretString }));
  }
}

const args = process.argv.slice(2);
try {
  if (args.includes("--help")) process.stdout.write(`${connectUsage}\n`);
  else await connect(args, process.env);
} catch (error) {
  tell((error as Error).message);
  process.exitCode = error instanceof ConnectUsageError ? 2 : 1;
}
