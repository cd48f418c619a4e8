import { NewsletterSyncError } from "./errors.ts";

/** The plan would change more than the list's limits allow. That part of it was not sent; the others were. */
export class UnsafePlanError extends NewsletterSyncError {
  override readonly name = "UnsafePlanError";
  override readonly actor = "approver";
  /** @param plan.text the key of what a person reads of the plan */
  constructor(
    refusals: readonly { readonly message: string }[],
    { event, text }: { readonly event: object; readonly text: string },
  ) {
    const why = refusals.map(({ message }) => message).join("; ");
    super(
      `some of the plan waits for a person, and everything else was sent: ${why}. ` +
        `${text} in the exchange bucket shows whom, and why. ` +
        `If that is right, approve it with the event ${JSON.stringify(event)}`,
    );
  }
}

/** Pushed changes exceed the list's limits of the day. They stay in the queue; the others were sent. */
export class UnsafePushError extends NewsletterSyncError {
  override readonly name = "UnsafePushError";
  override readonly actor = "approver";
  constructor(
    refusals: readonly { readonly message: string }[],
    { messages, event }: { readonly messages: number; readonly event: object },
  ) {
    const why = refusals.map(({ message }) => message).join("; ");
    super(
      `${messages} messages wait in the queue for a person, and everything else was sent: ${why}. ` +
        `If that is right, the event ${JSON.stringify(event)} lets as much again pass`,
    );
  }
}

/** The plan that was approved is unknown, expired or altered. */
export class UnusablePlanError extends NewsletterSyncError {
  override readonly name = "UnusablePlanError";
  override readonly actor = "invoker";
  constructor(planId: string, problem: string, options?: ErrorOptions) {
    super(`plan ${planId} cannot be applied: ${problem}. Make a new plan, and approve that`, options);
  }
}

/** Both sides were compared after an import, and some of what its files say was not done. */
export class ImportIncompleteError extends NewsletterSyncError {
  override readonly name = "ImportIncompleteError";
  override readonly actor = "provider";
  /** @param remaining how many changes of each kind were not done */
  constructor(remaining: Readonly<Record<string, number>>, announced: number) {
    const kinds = Object.entries(remaining).filter(([, count]) => count > 0);
    const left = kinds.reduce((sum, [, count]) => sum + count, 0);
    const listed = kinds.map(([kind, count]) => `${kind} ${count}`).join(", ");
    super(
      `the provider was given files with ${announced} changes, and had not made ${left} of them when both sides were ` +
        `compared again: ${listed}. The next import or sync asks for them again`,
    );
  }
}
