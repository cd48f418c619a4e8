import type { Subscriber } from "../../infra/sandbox/ownpage/subscriber.ts";
import type { FussyProvider } from "./fussy-provider.ts";
import { guesses, type OurActs } from "./our-acts.ts";
import { readerOf } from "./readers.ts";
import { type Desired, desiredOf, type Fate, fateOf, isSameAddress, type Policy } from "./reference-model.ts";
import { isWhole, type Snapshot } from "./simulated-database.ts";

type Rows = ReadonlyMap<string, Subscriber>;

/** A list before and after a run, and what decides what the run had to do. */
export interface Comparison {
  readonly before: Rows;
  readonly after: Rows;
  /** What the last run read, and what the first one did: until then, returns may have changed some rows. */
  readonly snapshot: Snapshot;
  readonly firstSnapshot: Snapshot;
  readonly policy: Policy;
  readonly provider: FussyProvider;
  /** Whether the provider shows its `data_*` fields. */
  readonly showsData: boolean;
  /** Whether a run of ours made a row what it was before: all that the run may have thought. */
  answersFor(row: Subscriber): ReturnType<OurActs["answersFor"]>;
}

/** Says where the provider's list is not what the rules want. */
export function* findMismatches(comparison: Comparison): Generator<string> {
  const { before, after, snapshot } = comparison;
  const wanted = snapshot.rows.map(({ email }) => email).filter(isWhole);
  const emails = new Set([...before.keys(), ...after.keys(), ...wanted].map((email) => email.toLowerCase()));
  for (const email of emails) {
    const spellings = [...before.values()].filter((row) => isSameAddress(row.email, email));
    if (spellings.length === 0) yield* compareNew(email, comparison);
    for (const row of spellings) yield* compareRow(row, spellings.length === 1, comparison);
  }
}

/** An address that the provider did not have. */
function* compareNew(email: string, comparison: Comparison): Generator<string> {
  const { after, snapshot } = comparison;
  const fates = fatesOf(email, undefined, comparison);
  const added = [...after.values()].filter((row) => isSameAddress(row.email, email));
  const mayBeAdded = fates.includes("subscribed");
  if (added.length > (mayBeAdded ? 1 : 0)) yield "a reader was added whom the rules do not want";
  const mustBeAdded = fates.every((fate) => fate === "subscribed");
  if (mustBeAdded && added.length === 0 && !isExcused(email, comparison)) yield "a wanted reader is missing";
  const desired = desiredOf(snapshot, email);
  for (const row of added) yield* compareFields(row, desired, { ...comparison, isAlone: true });
}

function* compareRow(row: Subscriber, isAlone: boolean, comparison: Comparison): Generator<string> {
  const { after, snapshot } = comparison;
  const now = after.get(row.email);
  if (now === undefined) return yield "a row has disappeared";
  const fates = fatesOf(row.email, row, comparison);
  const wanted = fates.map((fate) => (fate === "as it was" ? row.subscribed : fate === "subscribed"));
  if (!wanted.includes(now.subscribed) && !isExcused(row.email, comparison, now)) {
    yield `a row is ${now.subscribed ? "" : "not "}subscribed, and wanted ${fates.join(" or ")}`;
  }
  if (fates.includes("subscribed") && now.subscribed) {
    yield* compareFields(now, desiredOf(snapshot, row.email), { ...comparison, isAlone });
  }
}

/**
 * All that may become of a row: an opt-out that the run itself records may keep others out who wait for a person, and one
 * that it returns ends a consent that has let others in.
 */
function fatesOf(email: string, row: Subscriber | undefined, comparison: Comparison): Fate[] {
  const { before, after, snapshot, firstSnapshot, policy, answersFor } = comparison;
  return [before, after].flatMap((list) => {
    const rows = [...list.values()];
    const siblings = rows.filter((other) => other.email !== row?.email && isSameAddress(other.email, email));
    return guesses(row === undefined ? [] : [row, ...siblings], answersFor).flatMap((ours) => {
      const known = { rows, snapshot, isOurs: (one: Subscriber) => ours.has(one) };
      const readers = [snapshot, firstSnapshot].map((consents) =>
        readerOf(email, row, { ...known, consents }),
      );
      return readers.map((reader) => fateOf(row, reader, policy));
    });
  });
}

/**
 * A row that the provider refuses stays as it was, and a refused one is not sent again for a week. What a person approves
 * goes without its guid, and so a run later, if the database was told of another reader with that guid meanwhile.
 */
function isExcused(email: string, { provider, snapshot, policy }: Comparison, now?: Subscriber): boolean {
  if (!provider.takes(email)) return true;
  const isGuidReturned = policy.returns !== undefined && desiredOf(snapshot, email)?.isGuidShared;
  return !now?.subscribed && (provider.hasRefused(email) || isGuidReturned === true);
}

function* compareFields(
  row: Subscriber,
  desired: Desired | undefined,
  comparison: Comparison & { readonly isAlone: boolean },
): Generator<string> {
  const { showsData, isAlone, provider, policy, before } = comparison;
  if (!provider.takes(row.email) || provider.hasRefused(row.email)) return;
  const isOwned = policy.providerFields.includes("data_firstname") && before.has(row.email);
  // Once the database has the name of one spelling, the next run sends it to the others.
  const isLate = !isAlone && policy.returns !== undefined;
  if (showsData && !isOwned && !isLate && (row["data_firstname"] ?? "") !== (desired?.firstName ?? ""))
    yield "a field differs";
  const { guid, isGuidShared = false } = desired ?? {};
  // Of several spellings, or several addresses, one gets the guid.
  if (isAlone && !isGuidShared && guid !== undefined && row.guid !== guid) yield "a guid differs";
}
