import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { createStacks } from "../../infra/stacks/create-stacks.ts";
import { context, createOutdir, exampleWith } from "./example.ts";

/** An app that bundles nothing, for tests that do not need the code. */
export function createAppWithoutBundles(): App {
  const quiet = { "aws:cdk:bundling-stacks": [], "@aws-cdk/core:annotationsInValidationReport": false };
  return new App({ context: { ...context, ...quiet }, outdir: createOutdir() });
}

export interface Templates {
  readonly storage: Template;
  readonly watch: Template;
  readonly sync: Template;
  readonly import: Template;
  readonly archive: Template;
  readonly lookUp: Template;
  readonly backfill: Template;
  readonly pages: Template;
  /** Only if the changes have pushes. */
  readonly push: Template;
}

/** The templates of all stacks, for the example configuration with some fields changed. */
export function synthesise(changes: object = {}): Templates {
  const stacks = createStacks(createAppWithoutBundles(), exampleWith(changes));
  const templates = Object.entries(stacks).map(([name, stack]) => [name, Template.fromStack(stack)]);
  return Object.fromEntries(templates);
}
