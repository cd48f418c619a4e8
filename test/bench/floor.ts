import pMap from "p-map";

/** The floor: fetches and parses every page of the list, four at a time, and does nothing else. */

const [url = "", rows = "0"] = process.argv.slice(2);
const pageRows = 10_000;
const concurrency = 4;

const answer = await fetch(`${url}/token`, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ username: "demo", password: "demo-key" }),
});
const { token } = JSON.parse(await answer.text());
const pages = Array.from({ length: Math.ceil(Number(rows) / pageRows) }, (_, page) => page);
const startedAt = performance.now();
let seen = 0;
await pMap(
  pages,
  async (page) => {
    const query = `status=all&offset=${page * pageRows}&count=${pageRows}`;
    const response = await fetch(`${url}/newsletters/lists/123/subscribers?${query}`, {
      headers: { "x-ownpage-client-token": token },
    });
    const subscribers = JSON.parse(await response.text());
    seen += subscribers.length;
  },
  { concurrency },
);
if (seen !== Number(rows)) throw new Error(`saw ${seen} rows of ${rows}`);
console.log(
  JSON.stringify({ ms: performance.now() - startedAt, peakMb: process.resourceUsage().maxRSS / 1024 }),
);
