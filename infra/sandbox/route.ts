import type { Call } from "./call.ts";

/** A method and a path. Capitals in the template stand for a value, as in the documentation. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly template: string;
}

export interface RoutedCall extends Call {
  /** What the path has in the place of the template's capitals, by their name. */
  readonly values: Readonly<Record<string, string>>;
}

const patterns = new Map<string, RegExp>();

/** The values that a path gives to a template's capitals; undefined if the template is of another path. */
export function matchTemplate(template: string, path: string): Record<string, string> | undefined {
  let pattern = patterns.get(template);
  if (pattern === undefined) {
    pattern = new RegExp(`^${template.replace(/[A-Z_]{2,}/g, (name) => `(?<${name}>[^/]+)`)}$`);
    patterns.set(template, pattern);
  }
  const match = pattern.exec(path);
  if (!match) return undefined;
  return Object.fromEntries(
    Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]),
  );
}

/** The template that a path belongs to, or the path itself if it belongs to none. */
export function templateOf(routes: readonly Route[], path: string): string {
  return routes.find(({ template }) => matchTemplate(template, path))?.template ?? path;
}
