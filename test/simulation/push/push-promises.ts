/** What holds in every history of pushes; `docs/simulation.md` explains each. */
export const pushPromises = {
  undo: "A push and a sync never undo each other",
  lost: "No message is lost",
  inStep: "Once the queue is empty, a sync has nothing left to do",
} as const;
