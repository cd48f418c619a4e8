import { IncompleteReadError, ProviderContractError } from "../../../domain/provider-errors.ts";
import type { MirrorStateObject } from "./mirror-state.ts";
import { type AccountAccess, type Reading, readAll, readChanges } from "./read-account.ts";

const maxReads = 3;

/** Adds what changed since a time. If nothing did, only the watermark moves. */
export async function refreshChanges(
  access: AccountAccess,
  object: MirrorStateObject,
  { since, signal }: { since: number; signal: AbortSignal },
): Promise<void> {
  const { entry, watermark, numbers } = await readChanges(access, since, signal);
  await object.change((standing) => ({
    ...standing,
    watermark: Math.max(standing.watermark ?? 0, watermark),
    log: numbers.rows === 0 ? standing.log : [...standing.log, entry],
  }));
}

/**
 * Adds readings of the whole account, until one is proven to lack nobody. What the others show is remembered, too.
 *
 * @param options.isAnew whether something of the mirror was lost: then who left before this reading is not known
 * @throws IncompleteReadError when no reading is proven, ProviderContractError when the provider does not count
 */
export async function refreshWhole(
  access: AccountAccess,
  object: MirrorStateObject,
  { signal, isAnew = false }: { signal: AbortSignal; isAnew?: boolean },
): Promise<void> {
  const { watermark: previousAt, beganAt: lostBeginning } = object.state;
  const isLoss = isAnew && object.isLoss;
  const readings: Reading[] = [];
  while (readings.length < maxReads) {
    const reading = await readAll(access, previousAt, signal);
    const isWhole = isProven(reading, readings.at(-1));
    const { beganAt, endedAt } = reading.entry;
    await object.change((standing) => {
      // Another run may have begun the mirror anew meanwhile: what that one remembers stands.
      const begins = isAnew && standing.beganAt === lostBeginning;
      return {
        ...standing,
        log: [...standing.log, { ...reading.entry, isWhole }],
        ...(isWhole && {
          beganAt: begins ? endedAt : (standing.beganAt ?? endedAt),
          ...(begins && isLoss && { lostAt: endedAt }),
          readWholeAt: Math.max(standing.readWholeAt ?? 0, beganAt),
          watermark: Math.max(standing.watermark ?? 0, reading.watermark),
        }),
      };
    });
    if (isWhole) return;
    readings.push(reading);
  }
  if (readings.every(({ isCounted }) => isCounted)) {
    throw new IncompleteReadError(readings.map(({ numbers }) => numbers));
  }
  throw new ProviderContractError(
    "the contacts",
    `they are not counted, and each of ${maxReads} readings showed another number of them`,
  );
}

/** If the provider does not count, two readings that show as many contacts prove each other. */
function isProven({ numbers, isCounted }: Reading, before: Reading | undefined): boolean {
  const { countedBefore, rows, countedAfter } = numbers;
  return isCounted ? rows >= Math.max(countedBefore, countedAfter) : rows === before?.numbers.rows;
}
