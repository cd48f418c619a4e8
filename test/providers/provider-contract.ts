import { describe, expect, test } from "vitest";
import { applyBatch } from "../../functions/domain/apply-batch.ts";
import { Narrowing } from "../../functions/domain/narrowing.ts";
import type { Change, Saw } from "../../functions/domain/plan.ts";
import { findDiscrepancies } from "../../functions/domain/reconcile.ts";
import { recordEnd } from "../../functions/domain/records/packed-record.ts";
import { unpackCurrent } from "../../functions/domain/records/unpack-subscriber.ts";
import type { CurrentSubscriber, UnsubscribeCause } from "../../functions/domain/subscriber.ts";
import type { Provider } from "../../functions/providers/provider.ts";

/** A reader with whom a list begins. */
export interface Reader {
  readonly email: string;
  readonly firstname?: string;
  /** Unsubscribed, at `leftAt`, if there is a cause. */
  readonly cause?: UnsubscribeCause;
}

/** A list at a provider that a test can change behind the provider's back. */
export interface ContractList {
  readonly provider: Provider;
  /** What is right for it, where providers differ. */
  readonly kind?: Partial<ProviderKind>;
  /** A reader leaves by the provider's own form, now. */
  optOut(email: string): void;
  /** From now on the provider does not accept this address. */
  refuse(email: string): void;
  /** The next write is applied, and its answer lost. */
  loseAnswer(): void;
}

interface ProviderKind {
  /** Whether it has an address once for each spelling. */
  readonly keepsSpellings: boolean;
  /** How it shows who opted out. */
  readonly optOut: UnsubscribeCause;
  /** Whether an update changes the fields of who is not subscribed. */
  readonly updatesUnsubscribed: boolean;
  /** Whether it counts only those whom an unsubscription changes. */
  readonly countsLeavers: boolean;
  /** Whether it tells what became of a batch whose answer was lost. */
  readonly findsLostBatch: boolean;
}

const usualKind: ProviderKind = {
  keepsSpellings: true,
  optOut: "READER",
  updatesUnsubscribed: true,
  countsLeavers: true,
  findsLostBatch: false,
};

/** When the readers left with whom a list begins, and when everything else happens. */
export const leftAt = Date.UTC(2026, 4, 1);
export const now = Date.UTC(2026, 5, 1);

const minuteMs = 60_000;
const { signal } = new AbortController();
const columns = ["data_firstname"];
const options = { since: leftAt + 1, held: 3, signal };

const fieldsOf = (firstname: string | undefined) =>
  firstname === undefined ? {} : { data_firstname: firstname };
const sawSubscribed: Saw = { subscribed: true, fields: {} };
const sawLeft: Saw = {
  subscribed: false,
  cause: "PUBLISHER",
  unsubscribedAt: new Date(leftAt).toISOString(),
  fields: {},
};
const shared = { reason: "a test" };
const subscribe = (email: string, firstname?: string): Change => ({
  kind: "subscribe",
  email,
  fields: fieldsOf(firstname),
  saw: null,
  ...shared,
});
const update = (email: string, firstname: string): Change => ({
  kind: "update",
  email,
  fields: fieldsOf(firstname),
  saw: sawSubscribed,
  ...shared,
});
const resubscribe = (email: string): Change => ({
  kind: "resubscribe",
  email,
  fields: {},
  saw: sawLeft,
  ...shared,
});
const unsubscribe = (email: string): Change => ({
  kind: "unsubscribe",
  email,
  cause: "PUBLISHER",
  saw: sawSubscribed,
  ...shared,
});

async function read(
  provider: Provider,
  subscribedSince = Number.POSITIVE_INFINITY,
): Promise<CurrentSubscriber[]> {
  const rows: CurrentSubscriber[] = [];
  for await (const { records } of provider.readPages({ columns, subscribedSince, expected: 10, signal })) {
    const { bytes, count } = records;
    for (let left = count, at = 0; left > 0; left--, at = recordEnd(bytes, at, 2 + columns.length)) {
      rows.push(unpackCurrent(bytes, at, columns));
    }
  }
  return rows.sort((one, other) => one.email.localeCompare(other.email));
}

/** The list as `email: subscribed` or `email: CAUSE`, with the first name if there is one. */
async function told(provider: Provider): Promise<string[]> {
  return (await read(provider)).map(({ email, subscribed, cause, fields }) =>
    `${email}: ${subscribed ? "subscribed" : cause} ${fields["data_firstname"] ?? ""}`.trimEnd(),
  );
}

/** What every provider keeps to, whatever it calls its counters and however it refuses a row. */
export function describeProvider(
  name: string,
  openList: (readers: readonly Reader[]) => Promise<ContractList>,
): void {
  const open = async (readers: readonly Reader[]) => {
    const list = await openList(readers);
    return { ...list, kind: { ...usualKind, ...list.kind } };
  };
  const readers: Reader[] = [
    { email: "ana@x.fr", firstname: "Ana" },
    { email: "ben@x.fr", cause: "PUBLISHER" },
    { email: "zoe@x.fr" },
  ];
  const oneOfEach = [
    subscribe("new@x.fr", "Max"),
    update("ana@x.fr", "Anne"),
    resubscribe("ben@x.fr"),
    unsubscribe("zoe@x.fr"),
  ];
  const afterOneOfEach = [
    "ana@x.fr: subscribed Anne",
    "ben@x.fr: subscribed",
    "new@x.fr: subscribed Max",
    "zoe@x.fr: PUBLISHER",
  ];

  describe(`${name}: what every provider keeps to`, () => {
    test("counts both sides of the list", async () => {
      const { provider } = await open(readers);
      expect(await provider.countSubscribers(signal)).toMatchObject({ subscribed: 2, unsubscribed: 1 });
    });

    test("reads every address, with what the rules need to know of it", async () => {
      const { provider } = await open(readers);
      expect(await told(provider)).toEqual([
        "ana@x.fr: subscribed Ana",
        "ben@x.fr: PUBLISHER",
        "zoe@x.fr: subscribed",
      ]);
      const [ana, ben] = await read(provider, now);
      expect(ana).toMatchObject({ subscribedAt: expect.any(Number) });
      expect(Math.floor(ben!.unsubscribedAt! / minuteMs)).toBe(leftAt / minuteMs);
    });

    test("applies a change of each kind, and counts what it was to count", async () => {
      const { provider } = await open(readers);
      const answer = await provider.writeBatch(oneOfEach, options);
      expect(answer).toMatchObject({ refused: [], stale: [], unconfirmed: [], attempts: 1 });
      expect(findDiscrepancies(1, answer)).toEqual([]);
      expect(Object.keys(answer.counters)).not.toEqual([]);
      expect(await told(provider)).toEqual(afterOneOfEach);
    });

    test("applies a batch a second time without a further change", async () => {
      const { provider } = await open(readers);
      const repeatable = oneOfEach.filter(({ kind }) => kind !== "resubscribe");
      await provider.writeBatch(repeatable, options);
      const before = await told(provider);
      await provider.writeBatch(repeatable, options);
      expect(await told(provider)).toEqual(before);
    });

    test("leaves out a new address that is held in another spelling or opted out, and sends the others", async () => {
      const list = await open([{ email: "NEW@x.fr" }, ...readers]);
      const { provider, kind } = list;
      list.optOut("ana@x.fr");
      const changes = [subscribe("ana@x.fr", "Anne"), subscribe("new@x.fr"), subscribe("max@x.fr")];
      const answer = await provider.writeBatch(changes, options);
      const stale = changes.slice(0, kind.keepsSpellings ? 2 : 1);
      expect(answer).toMatchObject({ refused: [], stale, unconfirmed: [] });
      expect(findDiscrepancies(1, answer)).toEqual([]);
      expect(await told(provider)).toEqual([
        `ana@x.fr: ${kind.optOut} Ana`,
        "ben@x.fr: PUBLISHER",
        "max@x.fr: subscribed",
        "NEW@x.fr: subscribed",
        "zoe@x.fr: subscribed",
      ]);
    });

    test("looks for new addresses in a large batch, too", async () => {
      const list = await open([{ email: "NEW7@x.fr" }, ...readers]);
      const { provider, kind } = list;
      const changes = Array.from({ length: 30 }, (_, n) => subscribe(`new${n}@x.fr`));
      const answer = await provider.writeBatch(changes, options);
      expect(answer.stale).toEqual(kind.keepsSpellings ? [changes[7]] : []);
      expect(findDiscrepancies(1, answer)).toEqual([]);
      expect(await provider.countSubscribers(signal)).toMatchObject({ subscribed: 3 + 29 });
    });

    test("sends a new address that has subscribed meanwhile, and predicts that it is known", async () => {
      const { provider } = await open(readers);
      const answer = await provider.writeBatch(
        [subscribe("ana@x.fr", "Anne"), subscribe("max@x.fr")],
        options,
      );
      expect(answer.stale).toEqual([]);
      expect(findDiscrepancies(1, answer)).toEqual([]);
      expect((await told(provider))[0]).toBe("ana@x.fr: subscribed Anne");
    });

    test("an update resubscribes nobody who opted out since the plan was made", async () => {
      const list = await open(readers);
      const { kind } = list;
      list.optOut("ana@x.fr");
      await list.provider.writeBatch([update("ana@x.fr", "Anne"), update("ben@x.fr", "Ben")], options);
      expect(await told(list.provider)).toEqual([
        `ana@x.fr: ${kind.optOut} ${kind.updatesUnsubscribed ? "Anne" : "Ana"}`,
        kind.updatesUnsubscribed ? "ben@x.fr: PUBLISHER Ben" : "ben@x.fr: PUBLISHER",
        "zoe@x.fr: subscribed",
      ]);
    });

    test("a difference between what was done and what was to be done shows in its counters", async () => {
      const list = await open(readers);
      list.optOut("zoe@x.fr");
      const answer = await list.provider.writeBatch([unsubscribe("zoe@x.fr")], options);
      const difference = { predicted: 1, answered: 0, afterRetry: false };
      expect(findDiscrepancies(1, answer)).toMatchObject(list.kind.countsLeavers ? [difference] : []);
    });

    test("refuses a bad change with a reason, and applies the others", async () => {
      const list = await open(readers);
      const { provider } = list;
      list.refuse("bad@x.fr");
      const changes = [subscribe("bad@x.fr"), ...oneOfEach];
      const outcome = await applyBatch(changes, {
        batch: 1,
        write: (part, tries) => provider.writeBatch(part, { ...options, tries }),
        narrowing: new Narrowing(),
      });
      expect(outcome).toMatchObject({
        applied: oneOfEach,
        refused: [{ change: changes[0], reason: expect.stringMatching(/./) }],
        discrepancies: [],
        failure: undefined,
      });
      expect(await told(provider)).toEqual(afterOneOfEach);
    });

    test("leaves out a resubscription whose reader opted out again, and applies the others", async () => {
      const list = await open([...readers, { email: "lea@x.fr", cause: "PUBLISHER" }]);
      const { provider, kind } = list;
      list.optOut("zoe@x.fr");
      const changes = [resubscribe("zoe@x.fr"), resubscribe("ana@x.fr"), resubscribe("lea@x.fr")];
      const answer = await provider.writeBatch(changes, options);
      expect(answer.stale).toEqual(changes.slice(0, 2));
      expect(findDiscrepancies(1, answer)).toEqual([]);
      expect(await told(provider)).toEqual([
        "ana@x.fr: subscribed Ana",
        "ben@x.fr: PUBLISHER",
        "lea@x.fr: subscribed",
        `zoe@x.fr: ${kind.optOut}`,
      ]);
    });

    test("leaves out a resubscription whose reader opted out or came back in another spelling", async (context) => {
      const others = [{ email: "BEN@x.fr" }, { email: "LEA@x.fr" }];
      const list = await open([...others, ...readers, { email: "lea@x.fr", cause: "PUBLISHER" }]);
      context.skip(!list.kind.keepsSpellings);
      list.optOut("BEN@x.fr");
      const changes = [resubscribe("ben@x.fr"), resubscribe("lea@x.fr")];
      const answer = await list.provider.writeBatch(changes, options);
      expect(answer.stale).toEqual(changes);
      expect(findDiscrepancies(1, answer)).toEqual([]);
      expect(await told(list.provider)).toEqual([
        "ana@x.fr: subscribed Ana",
        "ben@x.fr: PUBLISHER",
        "BEN@x.fr: READER",
        "lea@x.fr: PUBLISHER",
        "LEA@x.fr: subscribed",
        "zoe@x.fr: subscribed",
      ]);
    });

    test("sends a batch again whose answer was lost, but not what that may have done already", async () => {
      const list = await open(readers);
      const { provider, kind } = list;
      list.loseAnswer();
      const answer = await provider.writeBatch(oneOfEach, options);
      const { findsLostBatch } = kind;
      const unconfirmed = findsLostBatch ? [] : [oneOfEach[2]];
      expect(answer).toMatchObject({ stale: [], unconfirmed, attempts: findsLostBatch ? 1 : 2 });
      expect(findDiscrepancies(1, answer).filter(({ afterRetry }) => !afterRetry)).toEqual([]);
      expect(await told(provider)).toEqual(afterOneOfEach);
      expect(provider.requests.retried).toBe(findsLostBatch ? 0 : 1);
    });

    test("stops with the signal's reason", async () => {
      const { provider } = await open(readers);
      const reason = new Error("the time is over");
      const stopped = { ...options, signal: AbortSignal.abort(reason) };
      await expect(provider.writeBatch(oneOfEach, stopped)).rejects.toBe(reason);
      expect(await told(provider)).toHaveLength(readers.length);
    });
  });
}
