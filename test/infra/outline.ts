import { type ReadableTemplate, render } from "./template.ts";

/** A template as a person would read it: each resource with its properties, without hashes and metadata. */
export function outline(template: ReadableTemplate): string {
  const { Resources, Outputs = {} } = template.toJSON();
  const resources = Object.entries<Resource>(Resources).map(([id, { Type, Properties = {}, ...rest }]) => {
    const Retained = retention[String(rest["DeletionPolicy"])];
    return [`${withoutHash(id)} (${Type})`, { ...expand(Properties), ...(Retained && { Retained }) }];
  });
  const outputs = Object.entries<{ Value: unknown }>(Outputs)
    // What CDK passes to the other stacks.
    .filter(([id]) => !id.startsWith("PublishOutput"))
    .map(([id, { Value }]) => [id, Value]);
  return lines({ ...Object.fromEntries(resources), Outputs: Object.fromEntries(outputs) }, "").join("\n");
}

const retention: Readonly<Record<string, string>> = {
  Retain: "always",
  RetainExceptOnCreate: "once deployed",
};

/** Parses the documents within a template: the graphs of a dashboard, and the console's test events. */
function expand(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { DashboardBody, Content, ...others } = properties;
  if (Content !== undefined) return { ...others, Content: JSON.parse(String(Content)).components.examples };
  if (DashboardBody === undefined) return others;
  const widgets = JSON.parse(render(DashboardBody)).widgets.map(({ properties }: Widget) => {
    const { title, metrics = [], alarms, query } = properties;
    if (query !== undefined) return { title, query: query.split("\n| ") };
    return alarms
      ? { title, alarms }
      : { title, metrics: metrics.map((metric) => metric.map(describePart).join(" ")) };
  });
  return { ...others, widgets };
}

interface Widget {
  readonly properties: {
    readonly title: string;
    readonly metrics?: readonly unknown[][];
    readonly alarms?: readonly string[];
    readonly query?: string;
  };
}

function describePart(part: unknown): string {
  if (typeof part === "string") return part;
  const { label, stat, yAxis } = part as Record<string, string>;
  return `(${[label, stat, yAxis].filter((text) => text !== undefined).join(", ")})`;
}

type Resource = Readonly<Record<string, unknown>> & {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
};

function lines(value: object, indent: string): string[] {
  return Object.entries(value).flatMap(([name, part]) => {
    const key = Array.isArray(value) ? "-" : `${name}:`;
    const text = textOf(part);
    return text === undefined
      ? [`${indent}${key}`, ...lines(part, `${indent}  `)]
      : [`${indent}${key} ${text}`];
  });
}

/** The value on one line; undefined if it does not fit. */
function textOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return withoutHash(String(value));
  if (isExpression(value)) return withoutHash(render(value));
  if ("widgets" in value) return undefined;
  const parts = Object.entries(value).map(([name, part]): [string, string | undefined] => [
    name,
    textOf(part),
  ]);
  if (parts.some(([, text]) => text === undefined)) return undefined;
  const line = Array.isArray(value)
    ? `[${parts.map(([, text]) => text).join(", ")}]`
    : `{ ${parts.map(([name, text]) => `${name}: ${text}`).join(", ")} }`;
  return line.length <= 100 ? line : undefined;
}

function isExpression(value: object): boolean {
  const [name = "", ...others] = Object.keys(value);
  return others.length === 0 && (name === "Ref" || name.startsWith("Fn::"));
}

/** The name of an asset is a hash of its code, and a logical id ends with a hash of its path. */
function withoutHash(text: string): string {
  return text.replaceAll(/[0-9a-f]{64}/g, "HASH").replaceAll(/(?<=[a-z])[0-9A-F]{8}(?![0-9A-F])/g, "");
}
