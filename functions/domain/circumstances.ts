import type { Change } from "./plan.ts";

/** What is known of a reader beside the two sides of one address. */
export interface Circumstances {
  /** When another spelling of the address opted out at the provider, in ms since the epoch: infinite if it does not say. */
  readonly siblingOptedOutAt: number | undefined;
  /** When another spelling subscribed last, of those that are subscribed; undefined if the provider does not say. */
  readonly siblingSubscribedAt: number | undefined;
  /** Whether another spelling of the address bounced. */
  readonly siblingBounced: boolean;
  /**
   * Whether this spelling need not come back, as another one is subscribed, or may come back as well and goes before it.
   * First goes the spelling in which the source's row would be sent, then the lowest in the order of code units, even if
   * the provider refused it lately. Only of an unsubscribed address that the source wants subscribed.
   */
  readonly siblingStandsIn: boolean;
  /**
   * Whether another spelling speaks for the reader where the database is told of them: one that stays subscribed, else one
   * that keeps the reader out by itself, and of several the one whose opt-out, removal by the publisher or bounce, in this
   * order, is the earliest.
   */
  readonly siblingAnswers: boolean;
  /** When another address with the same guid opted out at the provider, likewise. */
  readonly guidOptedOutAt: number | undefined;
  /** Whether a run of ours brought the address into the state that the provider shows. */
  readonly isOurs: boolean;
  /** Whether one of ours may have: likewise if what they did then is forgotten. */
  readonly mayBeOurs: boolean;
  /** Whether a row of the source that cannot be used is this reader's, by guid or by address. */
  readonly isShielded: boolean;
  /** Whether the provider refused the same row within the last week. */
  wasRefused(change: Change): boolean;
}
