import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { createStacks } from "../../infra/stacks/create-stacks.ts";
import { context, createOutdir, exampleWith } from "./example.ts";

// CDK validates a template for a second; `npm run synth` lets it.
process.env["CDK_VALIDATION"] = "false";

/** An app that bundles nothing: for tests that do not look at the code. */
export function createAppWithoutBundles(): App {
  const quiet = { "aws:cdk:bundling-stacks": [], "@aws-cdk/core:annotationsInValidationReport": false };
  return new App({ context: { ...context, ...quiet }, outdir: createOutdir() });
}

export interface Templates {
  storage: Template;
  sync: Template;
  import: Template;
  archive: Template;
}

/** The templates of all stacks for the example's configuration, in which these fields are other ones. */
export function synthesise(changes: object = {}): Templates {
  const stacks = createStacks(createAppWithoutBundles(), exampleWith(changes));
  const templates = Object.entries(stacks).map(([name, stack]) => [name, Template.fromStack(stack)]);
  return Object.fromEntries(templates);
}
