import type { Circumstances } from "../circumstances.ts";
import { type Decision, decide } from "../decide.ts";
import { canonicalEmail, sentEmail } from "../email.ts";
import type { Change } from "../plan.ts";
import type { Policy } from "../policy.ts";
import { keepsOut } from "../reason-to-come-back.ts";
import { flags } from "../records/packed-record.ts";
import type { Remembered } from "../remembered.ts";
import { type CurrentSubscriber, isBounce, isOptOut } from "../subscriber.ts";
import { isToldFirst } from "./is-told-first.ts";
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
  readonly policy: Policy;
  readonly remembered: Remembered;
  readonly shields: Shields;
  readonly guidOptOuts: ReadonlyMap<Position, number>;
}

/** One spelling of an address at the provider. */
interface Spelling {
  readonly entry: Position;
  readonly current: CurrentSubscriber;
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
    const others = this.#otherSpellingsOf(entry, current);
    const siblings = others.map((other) => other.current);
    const answers = () =>
      current !== undefined && others.some((other) => this.#answersBefore(other, { entry, current }));
    const isOurs = () => current !== undefined && isActOfOurs(current, remembered);
    const standsIn = () => current !== undefined && this.#standsIn(others, { entry, current });
    return {
      siblingOptedOutAt: latestOptOut(siblings),
      siblingSubscribedAt: latestSubscription(siblings),
      siblingBounced: siblings.some(({ cause }) => isBounce(cause)),
      guidOptedOutAt: guidOptOuts.get(entry),
      isShielded: current !== undefined && [current, ...siblings].some((spelling) => shields.cover(spelling)),
      // These are found out when they are asked for, which is seldom.
      get siblingStandsIn() {
        return standsIn();
      },
      get siblingAnswers() {
        return answers();
      },
      get isOurs() {
        return isOurs();
      },
      get mayBeOurs() {
        return isOurs() || (current !== undefined && mayBeForgotten(current, remembered));
      },
      wasRefused: (change: Change) => remembered.wasRefused?.(change) ?? false,
    };
  }

  /** The address in its other spellings at the provider. */
  #otherSpellingsOf(entry: Position, current: CurrentSubscriber | undefined): Spelling[] {
    const { index } = this.#options;
    if (current === undefined || !index.hasSpellings) return [];
    if (!index.records.hasFlag(entry, flags.respelled)) return [];
    return [...index.entriesOf(canonicalEmail(current.email))]
      .filter((other) => other !== entry && index.isAtProvider(other))
      .map((other) => ({ entry: other, current: index.unpackCurrent(other) }));
  }

  #standsIn(others: readonly Spelling[], own: Spelling): boolean {
    if (others.length === 0) return false;
    if (others.some(({ current }) => current.subscribed)) return true;
    const { email } = this.#options.index.desiredOf(own.entry)!;
    const order = orderOf(sentEmail(email));
    const before = others.filter((other) => order(other, own) < 0);
    // In order, so that each is asked only if none before it comes back.
    return before.sort(order).some((other) => this.#mayComeBack(other));
  }

  #mayComeBack(spelling: Spelling): boolean {
    const decision = this.#decideOn(spelling);
    return decision === "refused" || typeof decision === "object";
  }

  /** Whether a spelling, rather than the own one, is what the database is told of. */
  #answersBefore(other: Spelling, own: Spelling): boolean {
    const isSubscribed = this.#isSubscribedAfterwards(other);
    if (isSubscribed !== this.#isSubscribedAfterwards(own)) return isSubscribed;
    const keepsOut = this.#keepsOut(other);
    if (keepsOut !== this.#keepsOut(own)) return keepsOut;
    return isToldFirst(other.current, own.current);
  }

  /** Whether it is subscribed when the plan has been applied. */
  #isSubscribedAfterwards(spelling: Spelling): boolean {
    if (!spelling.current.subscribed) return this.#mayComeBack(spelling);
    const decision = this.#decideOn(spelling);
    return typeof decision !== "object" || decision.kind !== "unsubscribe";
  }

  /** Whether it would keep the reader out even if there were no other spelling. */
  #keepsOut({ entry, current }: Spelling): boolean {
    const { index, policy } = this.#options;
    const desired = index.desiredOf(entry);
    if (!desired?.subscribed || current.subscribed) return false;
    return keepsOut(current, desired, policy, this.circumstancesOf(entry, current));
  }

  #decideOn({ entry, current }: Spelling): Decision {
    const { index, policy } = this.#options;
    return decide(current, index.desiredOf(entry), policy, this.circumstancesOf(entry, current));
  }
}

/** The order in which the spellings of an address come back. */
function orderOf(preferred: string) {
  return ({ current: { email } }: Spelling, { current: other }: Spelling): number => {
    if (email === preferred || other.email === preferred) return email === preferred ? -1 : 1;
    return email < other.email ? -1 : 1;
  };
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

/** Whether a run of ours brought the address into this state. */
export function isActOfOurs(current: CurrentSubscriber, remembered: Pick<Remembered, "lastActOn">): boolean {
  const act = remembered.lastActOn(canonicalEmail(current.email));
  if (act === undefined || act.kind !== (current.subscribed ? "subscribed" : "unsubscribed")) return false;
  const at = timeOf(current);
  return at === undefined || Math.abs(at - act.at) <= toleranceOf(at);
}

function mayBeForgotten(
  current: CurrentSubscriber,
  { actsKnownSince = Number.NEGATIVE_INFINITY }: Remembered,
): boolean {
  const at = timeOf(current) ?? Number.NEGATIVE_INFINITY;
  return actsKnownSince > Number.NEGATIVE_INFINITY && at - toleranceOf(at) < actsKnownSince;
}

function timeOf({ subscribed, subscribedAt, unsubscribedAt }: CurrentSubscriber): number | undefined {
  return subscribed ? subscribedAt : unsubscribedAt;
}

function toleranceOf(at: number): number {
  return mayBeDay(at) ? dayToleranceMs : actToleranceMs;
}

/** Whether a time may be the end of a day, in whatever zone: those differ by half hours. */
function mayBeDay(at: number): boolean {
  return (at + 1) % (hourMs / 2) === 0;
}
