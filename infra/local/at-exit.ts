/**
 * Runs a synchronous clean-up when this process exits, however it is told to, so that an interrupted
 * command leaves no process and no folder behind.
 *
 * @returns runs the clean-up now instead
 */
export function atExit(cleanUp: () => void): () => void {
  process.once("exit", cleanUp);
  return () => {
    process.off("exit", cleanUp);
    cleanUp();
  };
}
