import type { ListConfiguration } from "../../functions/configuration.ts";
import type { Subscriber } from "../../infra/sandbox/ownpage/subscriber.ts";
import type { SubscriberList } from "../../infra/sandbox/ownpage/subscriber-list.ts";
import { type Desired, desiredOf, isSameAddress, staysUnsubscribed } from "./reference-model.ts";
import type { SimulatedDatabase } from "./simulated-database.ts";

/** Both sides of a list, and the configuration that decides between them. */
export interface Sides {
  readonly configuration: ListConfiguration;
  readonly list: SubscriberList;
  readonly database: SimulatedDatabase;
  /** Whether the provider shows its `data_*` fields. */
  readonly showsData: boolean;
}

type Rows = ReadonlyMap<string, Subscriber>;

/** Says where the provider's list is not what the database wants, except for readers who are kept; `before` is the list as the run found it. */
export function* findMismatches(before: Rows, sides: Sides): Generator<string> {
  const { list, database, configuration } = sides;
  const emails = new Set([...list.values(), ...database.rows].map(({ email }) => email.toLowerCase()));
  for (const key of emails) {
    const desired = desiredOf(database.rows, key);
    const rows = [...list.values()].filter(({ email }) => isSameAddress(email, key));
    if (desired?.subscribed && rows.length === 0) yield "a wanted reader is missing";
    const earlier = [...before.values()].filter(({ email }) => isSameAddress(email, key));
    const staysOut = earlier.some(
      (row) => !row.subscribed && staysUnsubscribed(row, desired?.consentedAt ?? 0, configuration),
    );
    for (const row of rows) {
      const mismatch = mismatchOf(row, desired, {
        ...sides,
        before: before.get(row.email),
        staysOut,
        isAlone: rows.length === 1,
      });
      if (mismatch !== undefined) yield mismatch;
    }
  }
}

interface Circumstances extends Sides {
  /** The row as the run found it. */
  readonly before: Subscriber | undefined;
  /** Whether an opt-out or a bounce under any spelling keeps the address unsubscribed. */
  readonly staysOut: boolean;
  /** Whether the provider has only one spelling of the address: of several, one gets the guid. */
  readonly isAlone: boolean;
}

function mismatchOf(
  row: Subscriber,
  desired: Desired | undefined,
  circumstances: Circumstances,
): string | undefined {
  const { configuration, showsData, before, staysOut, isAlone } = circumstances;
  const wasSubscribed = before?.subscribed ?? true;
  if (desired === undefined && configuration.onlyAtProvider === "keep") {
    return row.subscribed === wasSubscribed ? undefined : "somebody only the provider has was changed";
  }
  if (!desired?.subscribed) {
    return row.subscribed ? "somebody whom the database does not want is subscribed" : undefined;
  }
  if (!row.subscribed) return wasSubscribed || !staysOut ? "a wanted reader is unsubscribed" : undefined;
  const isNamed = (row["data_firstname"] ?? "") === (desired.firstName ?? "");
  if (showsData && !isNamed) return "a field differs";
  return isAlone && desired.guid !== undefined && row.guid !== desired.guid ? "a guid differs" : undefined;
}
