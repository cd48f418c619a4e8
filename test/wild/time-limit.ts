import { createContext, Script } from "node:vm";

/** Does work that may take no longer, and ends it, be it in the middle of a regular expression, when it does. */
export function within<T>(timeoutMs: number, work: () => T): T {
  return new Script("work()").runInContext(createContext({ work }), { timeout: timeoutMs });
}
