import { fc, test as property } from "@fast-check/vitest";
import { beforeAll, expect } from "vitest";
import { CredentialError } from "../../functions/domain/errors.ts";
import { ProviderUnavailableError } from "../../functions/domain/provider-errors.ts";
import { type Fault, faults } from "../support/calls.ts";
import { useOwnDisk } from "../support/own-disk.ts";
import { ArchiveHistory, type Begin, type Ended, nameOf } from "./archive-history.ts";
import { asked, type Flaw, flaws, versions } from "./growing-files.ts";

const leftOnDisk = useOwnDisk();
let places: readonly string[];
let complete: object;

beforeAll(async () => {
  const undisturbed = new ArchiveHistory();
  places = (await undisturbed.run()).calls.places;
  complete = undisturbed.archived;
});

const refusal = fc.constantFrom(
  "absent" as const,
  "notIncluded" as const,
  ...(Object.keys(flaws) as Flaw[]),
  new ProviderUnavailableError("GET /x", 5, "status 503"),
  new CredentialError("ownpage", "expired"),
);
const disturbed = {
  struck: fc.array(fc.tuple(fc.nat(), fc.constantFrom(...faults)), { maxLength: 4 }),
  refusals: fc.array(fc.tuple(fc.constantFrom(...asked.map(nameOf)), refusal), { maxLength: 2 }),
  version: fc.constantFrom(...versions),
};
/** Late runs find the last version, and the archive takes it for the last. */
const late = { ...disturbed, version: fc.constant("last" as const) };
/** Runs; some have another run that begins at one of their calls, disturbed in its own way. */
const runsOf = (run: typeof disturbed | typeof late, isEarly: boolean) => {
  const begun = fc.record({ ...run, isEarly: fc.constant(isEarly) });
  return fc.array(fc.tuple(begun, fc.option(fc.tuple(fc.nat(), begun))), { maxLength: 2 });
};

property.prop([runsOf(disturbed, true), runsOf(late, false)], { numRuns: 100 })(
  "every rule of faults.test.ts holds when many calls of several, partly concurrent runs are disturbed",
  async (...drawn) => {
    const placeOf = (n: number) => places[n % places.length]!;
    const history = new ArchiveHistory();
    const left = leftOnDisk().length;
    let killed = 0;
    for (const [one, other] of drawn.flat()) {
      const run = ({ struck, ...begin }: typeof one, onCall?: Begin["onCall"]) => {
        const disturbed = struck.map(([n, fault]): [string, Fault] => [placeOf(n), fault]);
        return history.run({ ...begin, faults: disturbed, ...(onCall && { onCall }) });
      };
      let second: Promise<Ended> | undefined;
      const first = await run(one, (place) => {
        if (other !== null && place === placeOf(other[0])) second = run(other[1]);
      });
      if (first.isKilled) killed++;
      if ((await second)?.isKilled) killed++;
    }
    const { error } = await history.run();
    expect({ error, broken: history.rules.broken }).toEqual({ error: undefined, broken: [] });
    expect(history.archived).toEqual(complete);
    expect(leftOnDisk().length - left).toBeLessThanOrEqual(killed);
  },
);
