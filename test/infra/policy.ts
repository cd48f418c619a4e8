import { allowedTo, type ReadableTemplate, resourcesOf } from "./template.ts";

/** A call of AWS, as IAM sees it. */
export interface Call {
  readonly action: string;
  readonly resource: string;
}

/** What a function is allowed: an action on resources, whose `*` and `?` stand for any characters. */
export interface Grant {
  readonly action: string;
  readonly pattern: string;
}

/** What a template allows the role of its function. @param values what is only known at deployment, by name */
export function grantsOf(template: ReadableTemplate, values: Readonly<Record<string, string>>): Grant[] {
  const [role] = Object.keys(resourcesOf("AWS::IAM::Role", template)).filter((id) => /FunctionRole/.test(id));
  return Object.entries(allowedTo(role?.slice(0, -8) ?? "", template)).flatMap(([resource, actions]) =>
    actions.map((action) => ({ action, pattern: substitute(resource, values) })),
  );
}

export function substitute(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/<([\w:.]+)>/g, (whole, name) => values[name] ?? whole);
}

export function isGranted(call: Call, grant: Grant): boolean {
  return grant.action === call.action && matches(grant.pattern, call.resource);
}

function matches(pattern: string, resource: string): boolean {
  const expression = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${expression}$`, "s").test(resource);
}
