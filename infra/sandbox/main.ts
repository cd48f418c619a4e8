import { parseArgs } from "node:util";
import { refuse } from "./sandbox-command.ts";

const providers = ["ownpage", "constant-contact"];

const usage = `npm run sandbox -- --provider PROVIDER [options]
  --provider PROVIDER   ${providers.join(" or ")} (ownpage)
  --help                with a provider, show its options`;

/** `npm run sandbox`: runs the sandbox of one provider, which reads its own flags. */
const { values } = parseArgs({
  options: { provider: { type: "string", default: "ownpage" } },
  strict: false,
});
const provider = String(values.provider);
if (providers.includes(provider)) await import(`./${provider}/main.ts`);
else refuse(new Error(`There is no sandbox of "${provider}"`), usage);
