import { type ListConfiguration, listSchema } from "../../../functions/configuration.ts";
import type { Chance } from "../chance.ts";
import { randomLimits } from "../random-world.ts";
import { listIds } from "./random-account.ts";

export function randomListConfiguration(chance: Chance): ListConfiguration {
  return listSchema.parse({
    id: listIds.daily,
    source: { kind: "csv", uri: "s3://exports/daily.csv" },
    batchSize: chance.pick([1, 3, 30]),
    onlyAtProvider: chance.pick(["unsubscribe", "unsubscribe", "keep", "return"]),
    returns: { kind: "csv" },
    ...(chance.happens(0.3) && { providerFields: ["data_firstname"] }),
    ...(chance.happens(0.3) && { joinKnown: "always" }),
    resubscribePublisher: chance.pick(["ours", "ours", "ours", "always"]),
    graceHours: chance.pick([0, 1, 24]),
    limits: randomLimits(chance),
  });
}
