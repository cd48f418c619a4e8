import { NewsletterSyncError } from "./errors.ts";

const plainName = /^[A-Z][A-Za-z]{1,60}$/;
const plainCode = /^[A-Z0-9_]{2,60}$/;

/**
 * What may be told of any error: its code or its name, if that is a word which can hold neither an address nor a link.
 * Everything else in an error of Node, S3 or a database may quote a reader's data or an answer.
 */
export function nameOf(error: unknown): string {
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
  if (typeof code === "string" && plainCode.test(code)) return code;
  return typeof name === "string" && plainName.test(name) ? name : "Error";
}

/** A failure that no job foresees: a mistake of ours, or a fault of what the function runs on. */
export class UnforeseenError extends NewsletterSyncError {
  override readonly name = "UnforeseenError";
  override readonly actor = "operator";
  constructor(cause: unknown) {
    super(`${nameOf(cause)}, which no run foresees; the log says where, and its own words are not shown`, {
      cause,
    });
  }
}
