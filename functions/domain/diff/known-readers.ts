import type { Circumstances } from "../circumstances.ts";
import { canonicalEmail } from "../email.ts";
import type { Change } from "../plan.ts";
import { flags } from "../records/packed-record.ts";
import type { Remembered } from "../remembered.ts";
import type { CurrentSubscriber } from "../subscriber.ts";
import { isOptOut } from "./find-guid-opt-outs.ts";
import type { Position } from "./record-arena.ts";
import type { Shields } from "./shields.ts";
import type { SubscriberIndex } from "./subscriber-index.ts";

const hourMs = 60 * 60 * 1000;
/** Within this time of an act of ours, the provider's state is taken to be what the act made of it. */
const actToleranceMs = hourMs;
/** Of a time that is told to the day, the end of that day is meant: see `parseInstant`. */
const dayToleranceMs = 24 * hourMs;

interface KnownReadersOptions {
  readonly index: SubscriberIndex;
  readonly remembered: Remembered;
  readonly shields: Shields;
  readonly guidOptOuts: ReadonlyMap<Position, number>;
}

/** What is known of the reader of an entry beside its two rows. */
export class KnownReaders {
  readonly #options: KnownReadersOptions;

  constructor(options: KnownReadersOptions) {
    this.#options = options;
  }

  /** @param current the provider's row of the entry, if it has one */
  circumstancesOf(entry: Position, current: CurrentSubscriber | undefined): Circumstances {
    const { remembered, shields, guidOptOuts } = this.#options;
    const siblings = this.#siblingsOf(entry, current);
    return {
      siblingOptedOutAt: latestOptOut(siblings),
      siblingSubscribedAt: latestSubscription(siblings),
      siblingBounced: siblings.some(({ cause }) => cause === "HARD_BOUNCE" || cause === "MULTIPLE_BOUNCES"),
      guidOptedOutAt: guidOptOuts.get(entry),
      isShielded: current !== undefined && [current, ...siblings].some((spelling) => shields.cover(spelling)),
      // Looked up when it is asked for, which is seldom: it takes a hash of the address.
      get isOurs() {
        return current !== undefined && isActOfOurs(current, remembered);
      },
      wasRefused: (change: Change) => remembered.wasRefused?.(change) ?? false,
    };
  }

  /** The address in its other spellings at the provider. */
  #siblingsOf(entry: Position, current: CurrentSubscriber | undefined): CurrentSubscriber[] {
    const { index } = this.#options;
    if (current === undefined || !index.hasSpellings) return [];
    if (!index.records.hasFlag(entry, flags.respelled)) return [];
    return [...index.entriesOf(canonicalEmail(current.email))]
      .filter((other) => other !== entry && index.isAtProvider(other))
      .map((other) => index.unpackCurrent(other));
  }
}

function latestOptOut(siblings: readonly CurrentSubscriber[]): number | undefined {
  const times = siblings
    .filter(({ subscribed, cause }) => !subscribed && isOptOut(cause))
    .map(({ unsubscribedAt = Number.POSITIVE_INFINITY }) => unsubscribedAt);
  return latest(times);
}

function latestSubscription(siblings: readonly CurrentSubscriber[]): number | undefined {
  return latest(siblings.flatMap(({ subscribedAt }) => (subscribedAt === undefined ? [] : [subscribedAt])));
}

function latest(times: readonly number[]): number | undefined {
  return times.length === 0 ? undefined : Math.max(...times);
}

function isActOfOurs(current: CurrentSubscriber, remembered: Remembered): boolean {
  const act = remembered.lastActOn(canonicalEmail(current.email));
  if (act === undefined || act.kind !== (current.subscribed ? "subscribed" : "unsubscribed")) return false;
  const at = current.subscribed ? current.subscribedAt : current.unsubscribedAt;
  return at === undefined || Math.abs(at - act.at) <= (mayBeDay(at) ? dayToleranceMs : actToleranceMs);
}

/** Whether a time may be the end of a day, in whatever zone: those differ by half hours. */
function mayBeDay(at: number): boolean {
  return (at + 1) % (hourMs / 2) === 0;
}
