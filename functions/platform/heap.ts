import { setFlagsFromString } from "node:v8";

/**
 * Tells V8 how its heap may grow in a function that holds much outside of it and little in it; to be called once, when the
 * module is loaded. See docs/decisions/0015.
 */
export function setHeapGrowth(): void {
  setFlagsFromString("--heap-growing-percent=150");
  setFlagsFromString("--semi-space-growth-factor=1");
}
