import { createContext, Script } from "node:vm";

/** Does the work, and fails when it takes longer: even in the middle of a regular expression. */
export function within<T>(timeoutMs: number, work: () => T): T {
  return new Script("work()").runInContext(createContext({ work }), { timeout: timeoutMs });
}
