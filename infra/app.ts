import { App } from "aws-cdk-lib";
import { addChecks } from "./checks.ts";
import { type Configuration, parseDeployment } from "./config.ts";
import { createStacks } from "./stacks/create-stacks.ts";

const app = new App();
const configuration = readConfiguration(app.node.tryGetContext("newsletter"));
createStacks(app, configuration);
addChecks(app, configuration.existing);

/** Whoever writes a configuration wants to know what is wrong with it, not where that was found. */
function readConfiguration(json: unknown): Configuration {
  try {
    return parseDeployment(json);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(1);
  }
}
