import type { Account } from "./account.ts";
import type { Answer } from "./answer.ts";
import type { Call } from "./call.ts";

/** One call of the API. Capitals in the template stand for a value, as in the documentation. */
export interface Route {
  method: "GET" | "POST" | "PUT" | "DELETE";
  template: string;
  /** Needs no client token. @default false */
  isOpen?: boolean;
  answer(call: RoutedCall, account: Account): Answer | Promise<Answer>;
}

export type RoutedCall = Call & { values: Record<string, string> };

const patterns = new Map<string, RegExp>();

/** The values a path gives to a template's capitals; undefined when the path is another one. */
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
