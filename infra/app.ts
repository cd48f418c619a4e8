import { App } from "aws-cdk-lib";
import { addChecks } from "./checks.ts";
import { parseDeployment } from "./config.ts";
import { createStacks } from "./stacks.ts";

const app = new App();
try {
  const configuration = parseDeployment(app.node.tryGetContext("newsletter"));
  createStacks(app, configuration);
  addChecks(app, configuration.existing);
} catch (error) {
  // Whoever writes a configuration wants to know what is wrong with it, not where that was found.
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
}
