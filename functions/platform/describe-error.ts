import { type Actor, NewsletterSyncError } from "../domain/errors.ts";
import { nameOf } from "../domain/unforeseen-error.ts";

/** What a log may say of an error: all of our own ones, and of any other its name and where it was thrown. */
export interface ErrorDescription {
  readonly name: string;
  readonly message?: string;
  readonly actor?: Actor;
  readonly stack: readonly string[];
  readonly cause?: ErrorDescription;
}

const frame = /^ {4}at (?:[\w.<>$#[\] ]+ \()?(?:node:|file:\/\/|\/)[\w@./+~-]+:\d+:\d+\)?$/;

export function describeError(error: unknown): ErrorDescription {
  const { message = "", stack = "", cause } = error instanceof Error ? error : {};
  return {
    ...(error instanceof NewsletterSyncError
      ? { name: error.name, message, actor: error.actor }
      : { name: nameOf(error) }),
    stack: framesIn(stack, message),
    ...(cause !== undefined && { cause: describeError(cause) }),
  };
}

/** A stack begins with the message, of which a line may look like a frame. */
function framesIn(stack: string, message: string): string[] {
  const frames = stack.slice(stack.indexOf(message) + message.length).split("\n");
  return frames.filter((line) => frame.test(line)).map((line) => line.trim());
}
