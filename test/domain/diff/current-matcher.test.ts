import { fc, test as property } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { CurrentMatcher } from "../../../functions/domain/diff/current-matcher.ts";
import { DesiredMatcher } from "../../../functions/domain/diff/desired-matcher.ts";
import { Differences } from "../../../functions/domain/diff/differences.ts";
import { Planner } from "../../../functions/domain/diff/planner.ts";
import { Shields } from "../../../functions/domain/diff/shields.ts";
import { SubscriberIndex } from "../../../functions/domain/diff/subscriber-index.ts";
import { packCurrent, packDesired } from "../../../functions/domain/records/pack-subscriber.ts";
import { RecordWriter } from "../../../functions/domain/records/record-writer.ts";
import type { CurrentSubscriber, DesiredSubscriber } from "../../../functions/domain/subscriber.ts";
import { nothingRemembered, policy, sourceReadAt } from "./plan-for.ts";

const columns = ["guid", "data_firstname"];
const email = fc.constantFrom("a@x.fr", "A@x.fr", "Á@x.fr", "á@x.fr", "b@x.fr", "c@x.fr", "not an address");
const time = fc.constantFrom(undefined, 1_000, 2_000, 3_000);
const firstname = fc.constantFrom("", "Ana", "Béa");
const guid = fc.constantFrom("", "1", "2");

const currentRow = fc
  .record({
    email,
    subscribed: fc.boolean(),
    cause: fc.constantFrom("READER", "PUBLISHER", "HARD_BOUNCE"),
    time,
    subscribedAt: fc.constantFrom(
      undefined,
      1_000,
      2_000,
      sourceReadAt - 1_400,
      sourceReadAt - 400,
      sourceReadAt,
    ),
    firstname,
    guid,
  })
  .map(
    ({ email, subscribed, cause, time, subscribedAt, firstname, guid }): CurrentSubscriber => ({
      email,
      subscribed,
      ...(subscribed && subscribedAt !== undefined && { subscribedAt }),
      ...(!subscribed && { cause: cause as "READER" }),
      ...(!subscribed && time !== undefined && { unsubscribedAt: time }),
      fields: { guid, data_firstname: firstname },
    }),
  );

const desiredRow = fc
  .record({
    email,
    subscribed: fc.constantFrom(true, false, undefined),
    isReaders: fc.boolean(),
    time,
    firstname,
    guid,
  })
  .map(
    ({ email, subscribed, isReaders, time, firstname, guid }): DesiredSubscriber => ({
      email,
      subscribed,
      ...(subscribed === false && { cause: isReaders ? "READER" : "PUBLISHER" }),
      ...(time !== undefined && { consentedAt: time }),
      fields: { guid, data_firstname: firstname },
    }),
  );

type Step = { readonly current: CurrentSubscriber } | { readonly desired: DesiredSubscriber };

/** The plan when the rows of both sides come in this order, one at a time. */
function planOf(steps: readonly Step[], { showsData = true } = {}) {
  const index = new SubscriberIndex(columns, 0);
  const pages = new CurrentMatcher(index);
  const matcher = new DesiredMatcher(index);
  const writer = new RecordWriter(64);
  for (const step of steps) {
    if ("current" in step) {
      const fields = showsData ? step.current.fields : { ...step.current.fields, data_firstname: "" };
      packCurrent(writer, columns, { ...step.current, fields });
      pages.match({ records: writer.finish(), showsGuid: true, showsData });
    } else {
      packDesired(writer, columns, step.desired);
      matcher.match(writer.finish());
    }
  }
  const differences = new Differences({ index, matcher, policy, shields: new Shields() });
  const planner = new Planner(differences, nothingRemembered);
  const planned = Array.from(planner.steps(), (step) => JSON.stringify(withoutSpelling(step))).sort();
  return { planned, counts: planner.counts, digest: index.digest };
}

/** If the source spells an address in two ways, a return has either of them. */
function withoutSpelling(step: ReturnType<Planner["steps"]> extends Generator<infer Step> ? Step : never) {
  return step.kind === "return" ? { ...step, email: "" } : step;
}

/** Pages and rows, each in their order, in turns: `turns` says whether the next one is a page. */
function interleaved(pages: readonly Step[], rows: readonly Step[], turns: readonly boolean[]): Step[] {
  const [left, right] = [[...pages], [...rows]];
  const mixed = turns.flatMap((isPage) => (isPage ? left : right).splice(0, 1));
  return [...mixed, ...left, ...right];
}

describe("the provider's pages and the source's rows", () => {
  property.prop(
    [
      fc.array(currentRow, { maxLength: 6 }),
      fc.array(desiredRow, { maxLength: 6 }),
      fc.array(fc.boolean(), { maxLength: 12 }),
      fc.boolean(),
    ],
    { numRuns: 1_000 },
  )("make the same plan in turns as one after the other", (currentRows, desiredRows, turns, showsData) => {
    const pages = currentRows.map((current) => ({ current }));
    const rows = desiredRows.map((desired) => ({ desired }));
    const expected = planOf([...pages, ...rows], { showsData });
    expect(planOf(interleaved(pages, rows, turns), { showsData })).toEqual(expected);
  });
});
