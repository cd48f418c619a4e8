/** What holds in every history, in the README's words where it has them; `docs/simulation.md` explains each. */
export const promises = {
  optOut: "It never subscribes a reader who opted out, complained or bounced",
  first: "It never lets an opt-out wait",
  madeUp: "It never records an opt-out that no reader made",
  limit: "It never changes more of a list within a day than its limits allow without a person's approval",
  half: "It never acts on half a list",
  badRow: "It never lets one bad address stop the others",
  secret: "It never writes an e-mail address or a token into a log, an error or a report",
  word: "It never subscribes or unsubscribes anyone against the database",
  silence: "It never takes silence for an unsubscription",
  editor: "It never overrules an editor in the provider's dashboard",
  once: "It never makes a second subscriber of a reader",
  approval: "It applies nothing beyond what a person approved by name",
  told: "It never tells the database what is not so",
  heard: "Every departure at the provider reaches the database",
  lastWord: "It never overwrites a reader's later word by an earlier one",
  sides: "Neither side waits for the other's failure",
  begin: "No schedule changes anything before a person has had a plan of the list applied",
  plan: "A run that plans writes nothing",
  memory: "Lost or damaged memory only makes a run stricter",
  inStep: "One undisturbed run brings both sides in step, and the next one sends and returns nothing",
  report: "A report says what was done",
  alone: "Two runs never work on one list at the same time",
  end: "Every run ends before its time, and with a named error",
} as const;

export type Promised = keyof typeof promises;
