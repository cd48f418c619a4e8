import { expect, test } from "vitest";
import type { Change } from "../../../functions/domain/plan.ts";
import { mayBeSent, type Standing } from "../../../functions/providers/constant-contact/standing.ts";

const standings: readonly Standing[] = ["member", "outside", "moved", "unfit", "unknown"];

test.each([
  ["subscribe", ["member", "outside", "unknown"]],
  ["update", ["member"]],
  ["resubscribe", ["outside"]],
] as const)("%s is sent for who is %j alone", (kind, sent) => {
  const change = { kind } as Change;
  expect(standings.filter((standing) => mayBeSent(change, standing))).toEqual(sent);
});
