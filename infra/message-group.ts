/** The longest name that SQS takes for a group of messages. */
const longestGroup = 128;

/**
 * The group of a message: the API's template makes it the same way. The address in Base64, as a group takes few characters;
 * those that begin alike may share one, which only makes them wait for each other.
 */
export function messageGroupOf(message: unknown): string {
  const { list = "", email = "" } = (message ?? {}) as { list?: unknown; email?: unknown };
  const reader = `${email}`.toLowerCase();
  return Buffer.from(`${reader} ${list}`).toString("base64").slice(0, longestGroup);
}
