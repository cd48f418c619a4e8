import { inspect } from "node:util";
import { expect, test } from "vitest";
import { describeError } from "../../../functions/platform/describe-error.ts";
import type { ConstantContactClient } from "../../../functions/providers/constant-contact/client.ts";
import { dailyList } from "../../../infra/sandbox/constant-contact/sandbox-options.ts";
import type { Fault } from "../../../infra/sandbox/fault.ts";
import { all, onDaily, openWorld, signal } from "./connect.ts";

const secrets = /leaky|example\.fr|l3aky|demo-|127\.0\.0\.1/;
const id = "0c0c0c0c-0000-4000-8000-000000000001";

/** Every call of the client. */
const calls: Record<string, (client: ConstantContactClient) => Promise<unknown>> = {
  contacts: (client) => all(client.contacts({ email: "ada@example.fr" }, signal)),
  list: (client) => client.list(dailyList, signal),
  "custom fields": (client) => client.customFields(signal),
  "import of JSON": (client) =>
    client.importJson(async () => [{ email: "ada@example.fr" }], [dailyList], signal),
  "import of a file": (client) =>
    client.importCsv(async () => new File(["email\nada@example.fr"], "a.csv"), [dailyList], signal),
  removal: (client) => client.removeMemberships([id], [dailyList], signal),
  activity: (client) => client.activity("x", signal),
  activities: (client) => client.activities(10, signal),
  "second question": (client) => client.askAgain(id, [dailyList], signal),
};

const statuses = [200, 302, 400, 401, 403, 404, 409, 429, 503];
const cases = Object.keys(calls).flatMap((call) => statuses.map((status) => [call, status] as const));

test.each(cases)("the error of %s tells nothing of an answer with %i", async (call, status) => {
  const fault: Fault = status === 200 ? { kind: "leaky" } : { kind: "leaky", status };
  const world = await openWorld({ contacts: [onDaily("ada@example.fr", { contact_id: id })] });
  world.sandbox.faults.push({ match: { path: "^/(contact|activities)" }, fault });
  const error = await calls[call]!(world.client()).catch((error: Error) => error);
  if (!(error instanceof Error)) return;
  expect(inspect(error, { depth: null, showHidden: true })).not.toMatch(secrets);
  expect(JSON.stringify(describeError(error))).not.toMatch(secrets);
});

test("the error of a token that is refused tells nothing of the answer", async () => {
  for (const status of [...statuses, 500]) {
    const world = await openWorld();
    world.sandbox.faults.push({ match: { path: "token" }, fault: { kind: "leaky", status } });
    const error = await world
      .client()
      .list(dailyList, signal)
      .catch((error: Error) => error);
    expect(error).toBeInstanceOf(Error);
    expect(inspect(error, { depth: null, showHidden: true })).not.toMatch(secrets);
  }
});
