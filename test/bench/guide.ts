import { readFileSync } from "node:fs";

/**
 * The algorithm of the provider's guide, in TypeScript: one page after the other, the difference of two arrays, batches
 * of 10,000. It knows neither opt-outs nor data_*, and checks nothing.
 */

const [url = "", file = ""] = process.argv.slice(2);
const pageRows = 10_000;

const startedAt = performance.now();
const call = async (path: string, init: RequestInit = {}) => {
  const response = await fetch(`${url}${path}`, init);
  if (!response.ok) throw new Error(`status ${response.status}`);
  return JSON.parse(await response.text());
};
const { token } = await call("/token?username=demo&password=demo-key");
const headers = { "x-ownpage-client-token": token, "content-type": "application/json" };
const list = "/newsletters/lists/123/subscribers";
const { subscribed } = await call(`${list}/count`, { headers });

const atProvider: string[] = [];
for (let offset = 0; offset < subscribed; offset += pageRows) {
  const page = await call(`${list}?status=subscribed&offset=${offset}&count=${pageRows}`, { headers });
  for (const { email } of page) atProvider.push(email);
}
const lines = readFileSync(file, "utf8").trimEnd().split("\n").slice(1);
const local = lines.map((line) => line.slice(0, line.indexOf(",")));

const minus = (some: string[], others: string[]) => {
  const known = new Set(others);
  return some.filter((email) => !known.has(email));
};
const changes = [
  ...minus(local, atProvider).map((email) => ({ email, subscribed: true })),
  ...minus(atProvider, local).map((email) => ({ email, subscribed: false })),
];
for (let start = 0; start < changes.length; start += pageRows) {
  const body = JSON.stringify(changes.slice(start, start + pageRows));
  await call(list, { method: "POST", headers, body });
}
console.log(
  JSON.stringify({ ms: performance.now() - startedAt, peakMb: process.resourceUsage().maxRSS / 1024 }),
);
