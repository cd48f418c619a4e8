import { App } from "aws-cdk-lib";
import { addChecks } from "./checks.ts";
import { type Configuration, parseDeployment } from "./config.ts";
import { findConfiguration } from "./config-file.ts";
import { createStacks } from "./stacks/create-stacks.ts";

const app = new App();
const configuration = readConfiguration();
createStacks(app, configuration);
addChecks(app, configuration.existing);

/** Shows what is wrong with the configuration, without the stack trace of where that was found. */
function readConfiguration(): Configuration {
  try {
    return parseDeployment(findConfiguration((name) => app.node.tryGetContext(name), process.env));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(1);
  }
}
