import type { Template } from "aws-cdk-lib/assertions";

/** What tests need of a template: CDK's class, or a file's content, which does not take a second to load. */
export type ReadableTemplate = Pick<Template, "toJSON">;

type Section = ReturnType<ReadableTemplate["toJSON"]>[string];

/** The properties of every resource of a type, by its logical id. */
export function resourcesOf(type: string, template: ReadableTemplate) {
  const resources = Object.entries<Section>(template.toJSON()["Resources"]);
  return Object.fromEntries(
    resources.filter(([, { Type }]) => Type === type).map(([id, { Properties }]) => [id, Properties]),
  );
}

/** The properties of every resource of a type. */
export function propertiesOf(type: string, template: ReadableTemplate) {
  return Object.values(resourcesOf(type, template));
}

/** What a template allows the roles whose ids begin with `role`: each resource with its actions. */
export function allowedTo(role: string, template: ReadableTemplate): Record<string, string[]> {
  const allowed: Record<string, string[]> = {};
  for (const [id, { PolicyDocument }] of Object.entries(resourcesOf("AWS::IAM::Policy", template))) {
    if (!id.startsWith(role)) continue;
    for (const { Action, Resource } of PolicyDocument.Statement) {
      for (const resource of [Resource].flat().map(render)) {
        allowed[resource] = [...(allowed[resource] ?? []), ...[Action].flat()].toSorted();
      }
    }
  }
  return allowed;
}

export function alarmNames(template: ReadableTemplate): string[] {
  return propertiesOf("AWS::CloudWatch::Alarm", template)
    .map(({ AlarmName }) => AlarmName)
    .toSorted();
}

/** The test events of a template's function, and the name under which the console looks for them. */
export function testEventsIn(template: ReadableTemplate) {
  const [schema] = propertiesOf("AWS::EventSchemas::Schema", template);
  const { RegistryName, SchemaName, Type, Content } = schema;
  return { registry: RegistryName, name: render(SchemaName), type: Type, content: JSON.parse(Content) };
}

/** Evaluates an expression of CloudFormation, with names for what is only known at deployment. */
export function render(expression: unknown): string {
  if (typeof expression === "string") return expression;
  const [[name, argument]] = Object.entries(expression as object) as [[string, unknown]];
  if (name === "Fn::Join") return (argument as [string, unknown[]])[1].map(render).join("");
  const place = name === "Fn::GetStackOutput" ? (argument as { OutputName: string }).OutputName : argument;
  return `<${[place].flat().join(".")}>`.replace(/PublishOutput(Ref|FnGetAtt)|[0-9A-F]{8}/g, "");
}
