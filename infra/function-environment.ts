/** What every function has in its environment, in AWS and on this machine. */
export const functionEnvironment = {
  NODE_OPTIONS: "--enable-source-maps",
  // glibc raises this limit by itself when large blocks are freed, and then keeps what it should give back: a fixed one
  // spares a sync of a million addresses some 15 MB. Pieces of 64 KiB, as bodies come in, must stay below it.
  MALLOC_MMAP_THRESHOLD_: "131072",
  MALLOC_ARENA_MAX: "2",
} as const;
