import { setFlagsFromString } from "node:v8";

/**
 * Sets how V8's heap may grow in a function that keeps most of its data outside the heap. Call it once, when the module
 * is loaded. See docs/decisions/0015.
 */
export function setHeapGrowth(): void {
  setFlagsFromString("--heap-growing-percent=150");
  setFlagsFromString("--semi-space-growth-factor=1");
}
