import { type ListConfiguration, listSchema } from "../../functions/configuration.ts";
import { Account } from "../../infra/sandbox/ownpage/account.ts";
import type { Chance } from "./chance.ts";
import type { FussyProvider } from "./fussy-provider.ts";
import { anchor } from "./random-edits.ts";
import { type EditTargets, populateProvider, randomRow } from "./random-readers.ts";
import type { SimulatedTime } from "./simulated-time.ts";

export const listId = 123;
export const anchorRow = { email: anchor, data_firstname: "Ana" };

export function randomConfiguration(chance: Chance): ListConfiguration {
  return listSchema.parse({
    id: listId,
    source: { kind: "csv", uri: "s3://exports/daily.csv" },
    batchSize: chance.pick([1, 2, 3, 4, 30]),
    onlyAtProvider: chance.pick(["unsubscribe", "unsubscribe", "keep", "return"]),
    ...(chance.happens(0.8) && { returns: { kind: "csv" } }),
    ...(chance.happens(0.3) && { providerFields: ["data_firstname"] }),
    resubscribeBounced: chance.happens(0.2),
    resubscribePublisher: chance.pick(["ours", "ours", "ours", "always"]),
    graceHours: chance.pick([0, 1, 24]),
    limits: randomLimits(chance),
  });
}

/** Mostly tight ones, so that much waits for a person. */
export function randomLimits(chance: Chance): object {
  if (chance.happens(0.3)) return {};
  const limit = (ratio: number, floor: number) => ({
    ratio: chance.pick([ratio, 0.5, 1]),
    floor: chance.between(0, floor),
  });
  return {
    unsubscribe: limit(0.1, 3),
    subscribe: limit(0.5, 6),
    resubscribe: limit(0.1, 3),
    update: limit(0.2, 6),
    return: limit(0.1, 3),
    reject: limit(0.1, 2),
  };
}

export function randomAccount(
  chance: Chance,
  { time, provider }: { time: SimulatedTime; provider: FussyProvider },
): Account {
  return new Account({
    now: () => new Date(time.now()),
    tokenForms: chance.pick(["both", "post", "get"]),
    tokenCalls: chance.pick([10, 30, Number.POSITIVE_INFINITY]),
    errorShape: chance.pick(["message", "cause"]),
    absentFields: chance.pick(["omitted", "null"]),
    returnsData: chance.happens(0.8),
    acceptsEmail: (email) => !provider.refused.has(email.toLowerCase()),
    lists: [{ id: listId }],
  });
}

/** Both sides of a list, drawn at random; now and then the provider's is empty. */
export function populate(targets: EditTargets): void {
  const { chance, list, database } = targets;
  database.rows = Array.from({ length: chance.between(1, 12) }, () => randomRow(targets));
  if (chance.happens(0.4)) database.export();
  if (chance.happens(0.1)) return;
  list.set(anchorRow);
  for (let left = chance.between(0, 12); left > 0; left--) populateProvider(targets);
}
