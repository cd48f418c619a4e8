import { App } from "aws-cdk-lib";
import { addChecks } from "./checks.ts";
import { parseConfiguration } from "./config.ts";
import { createStacks } from "./stacks.ts";

const app = new App();
createStacks(app, parseConfiguration(app.node.tryGetContext("newsletter")));
addChecks(app);
