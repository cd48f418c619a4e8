import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Pace } from "../../functions/providers/constant-contact/pace.ts";
import { dailyList } from "../../infra/sandbox/constant-contact/sandbox-options.ts";
import { SkippingClock } from "./skipping-clock.ts";

/**
 * A plain client of Constant Contact: reads everything each time, one page after the other, takes the difference of two
 * maps, and sends it. It puts back whoever has left, and waits for nothing.
 */

const [url = "", file = ""] = process.argv.slice(2);
const clock = new SkippingClock();
const pace = new Pace({ perSecond: 3, clock });
const { signal } = new AbortController();
const startedAt = clock.now();
let requests = 0;

async function call(path: string, init: RequestInit = {}) {
  await pace.turn(signal);
  requests++;
  const response = await fetch(new URL(path, url), { ...init, headers: { ...headers, ...init.headers } });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return JSON.parse(await response.text());
}
const post = async (path: string, body: object) => {
  const started = await call(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  let { state } = started;
  while (state !== "completed") {
    await clock.wait(1_000, signal);
    ({ state } = await call(`/v3/activities/${started.activity_id}`));
    await sleep(0);
  }
};
let headers: Record<string, string> = {
  authorization: `Basic ${btoa("demo:demo-secret")}`,
  "content-type": "application/x-www-form-urlencoded",
};
const { access_token } = await call("/oauth2/default/v1/token", {
  method: "POST",
  body: "grant_type=refresh_token&refresh_token=demo-refresh-token",
});
headers = { authorization: `Bearer ${access_token}` };

interface Known {
  readonly id: string;
  readonly isOn: boolean;
  readonly isActive: boolean;
  readonly firstName: string;
}
const atProvider = new Map<string, Known>();
let next: string | undefined = "/v3/contacts?status=all&include=list_memberships,custom_fields&limit=500";
while (next !== undefined) {
  const page = await call(next);
  for (const { contact_id: id, email_address, first_name: firstName, list_memberships } of page.contacts) {
    const isActive = ["implicit", "explicit"].includes(email_address.permission_to_send);
    atProvider.set(email_address.address, {
      id,
      firstName,
      isActive,
      isOn: list_memberships?.includes(dailyList) ?? false,
    });
  }
  next = page._links?.next?.href;
}
const rows: object[] = [];
const wanted = new Set<string>();
for (const line of readFileSync(file, "utf8").trimEnd().split("\n").slice(1)) {
  const [email = "", subscribed, guid, firstName] = line.split(",");
  if (subscribed !== "true") continue;
  wanted.add(email);
  const known = atProvider.get(email);
  if (known === undefined || (known.isOn && known.firstName !== firstName)) {
    rows.push({ email, first_name: firstName, "cf:guid": guid });
  }
}
const leaving = [...atProvider].filter(
  ([email, { isOn, isActive }]) => isOn && isActive && !wanted.has(email),
);
for (let at = 0; at < leaving.length; at += 500) {
  const contact_ids = leaving.slice(at, at + 500).map(([, { id }]) => id);
  await post("/v3/activities/remove_list_memberships", { source: { contact_ids }, list_ids: [dailyList] });
}
for (let at = 0; at < rows.length; at += 20_000) {
  const import_data = rows.slice(at, at + 20_000);
  await post("/v3/activities/contacts_json_import", { import_data, list_ids: [dailyList] });
}
const ms = clock.now() - startedAt;
console.log(JSON.stringify({ ms, peakMb: process.resourceUsage().maxRSS / 1024, requests }));
