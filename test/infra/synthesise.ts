import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { StorageStack } from "../../infra/storage-stack.ts";
import { SyncStack } from "../../infra/sync-stack.ts";
import { context, createOutdir, exampleWith } from "./example.ts";

// CDK validates a template for a second; app.test.ts lets it.
process.env["CDK_VALIDATION"] = "false";

/** An app that bundles nothing: for tests that do not look at the code. */
export function createAppWithoutBundles(): App {
  return new App({ context: { ...context, "aws:cdk:bundling-stacks": [] }, outdir: createOutdir() });
}

/** The templates of all stacks for the example's configuration, in which these fields are other ones. */
export function synthesise(changes: object = {}): { storage: Template; sync: Template } {
  const app = createAppWithoutBundles();
  const configuration = exampleWith(changes);
  const storage = new StorageStack(app, "Storage", { configuration });
  const sync = new SyncStack(app, "Sync", { configuration, exchangeBucket: storage.exchangeBucket });
  return { storage: Template.fromStack(storage), sync: Template.fromStack(sync) };
}

/** What a template's roles whose names begin so are allowed: each resource, with the actions on it. */
export function allowedTo(role: string, template: Template): Record<string, string[]> {
  const allowed: Record<string, string[]> = {};
  for (const [id, policy] of Object.entries(template.findResources("AWS::IAM::Policy"))) {
    if (!id.startsWith(role)) continue;
    for (const { Action, Resource } of policy["Properties"].PolicyDocument.Statement) {
      for (const resource of [Resource].flat().map(render)) {
        allowed[resource] = [...(allowed[resource] ?? []), ...[Action].flat()];
      }
    }
  }
  return allowed;
}

/** What an expression of CloudFormation comes to, with names for what is known at deployment only. */
export function render(expression: unknown): string {
  if (typeof expression === "string") return expression;
  const [[name, argument]] = Object.entries(expression as object) as [[string, unknown]];
  if (name === "Fn::Join") return (argument as [string, unknown[]])[1].map(render).join("");
  const place = name === "Fn::GetStackOutput" ? (argument as { OutputName: string }).OutputName : argument;
  return `<${[place].flat().join(".")}>`.replace(/PublishOutput(Ref|FnGetAtt)|[0-9A-F]{8}/g, "");
}
