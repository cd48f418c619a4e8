/** The longest name that SQS takes for a group of messages. */
const longestGroup = 128;

/**
 * The group of a message: the API's template makes it the same way. The address in Base64, as a group takes few characters;
 * those that begin alike may share one, which only makes them wait for each other. A double opt-in has one of its own: it may
 * wait for hours for its turn, and the reader's opt-out must not wait with it.
 */
export function messageGroupOf(message: unknown): string {
  const { list = "", email = "", optIn } = (message ?? {}) as Readonly<Record<string, unknown>>;
  const reader = `${email}`.trim().toLowerCase();
  const kind = optIn === true ? "optIn " : "";
  return Buffer.from(`${kind}${reader} ${list}`).toString("base64").slice(0, longestGroup);
}
