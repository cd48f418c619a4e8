/** What holds in every history of an account that is primary; `docs/simulation.md` explains each. */
export const accountPromises = {
  away: "It never imports anyone who left, opted out, was deleted, is on hold or is to confirm",
  heard: "Every departure at the provider reaches the database",
  told: "It never tells the database that a reader left whom a run took off the list",
  gone: "Every unsubscription of the database leaves the list",
  joined: "Every new reader of the database reaches the list",
  rest: "Then the next undisturbed run sends and returns nothing",
  cost: "A run that finds nothing changed makes ten requests at the most",
  limit: "It never changes more of a list than its limits allow without a person's approval",
  plan: "A run that plans writes nothing",
  alone: "Two runs never work on one list at the same time",
  secret: "It never writes an e-mail address or a token into a log, an error or a report",
  memory: "The mirror begins anew only if something of it was lost",
  end: "Every run ends before its time, and with a named error",
} as const;

export type AccountPromise = keyof typeof accountPromises;
