import type { Answer } from "./answer.ts";

/** What no log, report or error may show: an address, and a link that grants access. */
export const secretWords = "leaky.reader@example.fr https://example.fr/?token=l3aky-t0ken";

/**
 * The same answer with these words in every place that has room for them: its values, an unknown field of each object, its
 * status text and its headers.
 *
 * @param spared the fields whose values stay as they are, so that a client gets further
 */
export function leakyAnswer(answer: Answer, spared: readonly string[]): Answer {
  const text = Buffer.concat(answer.body).toString();
  const body = answer.type.startsWith("application/json")
    ? JSON.stringify(leakyValue(JSON.parse(text), spared))
    : text.replace(/$/gm, `,"${secretWords}"`);
  const headers = ["allow", "location", "www-authenticate", "x-request-id", "server", "etag"];
  return {
    ...answer,
    body: [Buffer.from(body)],
    statusText: secretWords,
    headers: Object.fromEntries(headers.map((name) => [name, secretWords])),
  };
}

function leakyValue(value: unknown, spared: readonly string[]): unknown {
  if (typeof value === "string") return secretWords;
  if (Array.isArray(value)) return value.map((each) => leakyValue(each, spared));
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(([name, each]) => [
    name,
    spared.includes(name) ? each : leakyValue(each, spared),
  ]);
  return { ...Object.fromEntries(fields), [secretWords]: secretWords, [`data_${secretWords}`]: secretWords };
}
