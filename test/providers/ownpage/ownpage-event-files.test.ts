import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { ProviderRefusalError, ProviderUnavailableError } from "../../../functions/domain/provider-errors.ts";
import type { EventFile } from "../../../functions/providers/event-files.ts";
import { createOwnpageEventFiles } from "../../../functions/providers/ownpage/ownpage-event-files.ts";
import type { SandboxOptions } from "../../../infra/sandbox/ownpage/sandbox-options.ts";
import { json, scriptedServer } from "../../platform/http/scripted-server.ts";
import { failureOf, optionsFor, sandboxWith, signal } from "./connect.ts";

const file: EventFile = { event: "nl_click", date: "2018-02-15" };

async function connected(options: SandboxOptions = {}) {
  const sandbox = await sandboxWith(options);
  return { sandbox, files: createOwnpageEventFiles(optionsFor(sandbox)) };
}

test("opens a day's events, with their length", async () => {
  const { files } = await connected();
  const found = await files.openEvents(file, signal);
  if (found.outcome !== "found") expect.unreachable();
  const csv = await text(found.stream);
  expect(csv).toMatch(/^date,email,campaign_id/);
  expect(Buffer.byteLength(csv)).toBe(found.expectedBytes);
});

test("tells a missing day from events that the account does not include", async () => {
  const { files, sandbox } = await connected({ now: () => new Date("2018-02-15T12:00:00Z") });
  expect(await files.openEvents({ ...file, date: "2018-02-16" }, signal)).toEqual({ outcome: "absent" });
  sandbox.events.premium = false;
  expect(await files.openEvents(file, signal)).toEqual({ outcome: "notIncluded" });
});

test("throws on any other refusal", async () => {
  const { files } = await connected();
  const error = await failureOf(files.openEvents({ ...file, date: "yesterday" }, signal));
  expect(error).toBeInstanceOf(ProviderRefusalError);
  expect(error.message).toContain("GET /newsletters/events/{event}/{date} was refused with status 400");
});

test("retries until the file begins, and not after that", async () => {
  const { files, sandbox } = await connected();
  sandbox.faults.push({ match: { path: /events/ }, times: 1, fault: { kind: "reset" } });
  sandbox.faults.push({ match: { path: /events/ }, fault: { kind: "cut" } });
  const found = await files.openEvents(file, signal);
  if (found.outcome !== "found") expect.unreachable();
  expect(await failureOf(text(found.stream))).toBeInstanceOf(ProviderUnavailableError);
  expect(sandbox.requests.filter(({ path }) => path.includes("events"))).toHaveLength(2);
});

test("asks for files uncompressed, so that their length is known", async () => {
  const accepted: unknown[] = [];
  const server = await scriptedServer(json({ token: "t" }), (response, { headers }) => {
    accepted.push(headers["accept-encoding"]);
    response.end("date,email\n");
  });
  const options = optionsFor({ ...server, credentials: { client: "demo", apiKey: "demo-key" } });
  const found = await createOwnpageEventFiles(options).openEvents(file, signal);
  expect(found).toMatchObject({ expectedBytes: 11, isEndCertain: true });
  expect(accepted).toEqual(["identity"]);
});
