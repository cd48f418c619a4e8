/**
 * Runs a synchronous clean-up when this process exits, for whatever reason, so that an interrupted command leaves
 * no process and no folder behind.
 *
 * @returns a function that runs the clean-up at once instead
 */
export function atExit(cleanUp: () => void): () => void {
  process.once("exit", cleanUp);
  return () => {
    process.off("exit", cleanUp);
    cleanUp();
  };
}
