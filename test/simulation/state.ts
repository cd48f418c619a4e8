import type { ListConfiguration } from "../../functions/configuration.ts";
import type { Subscriber } from "../../infra/sandbox/ownpage/subscriber.ts";
import type { SubscriberList } from "../../infra/sandbox/ownpage/subscriber-list.ts";
import type { SimulatedDatabase } from "./simulated-database.ts";
import { isKept, isSame, type Wanted, wantedOf } from "./wanted.ts";

/** Both sides of a list, and what decides between them. */
export interface Sides {
  readonly configuration: ListConfiguration;
  readonly list: SubscriberList;
  readonly database: SimulatedDatabase;
  /** Whether the provider shows its `data_*` fields. */
  readonly showsData: boolean;
}

type Rows = ReadonlyMap<string, Subscriber>;

/** In what the provider's list is not what the database wants, but for those who are kept; `before` is as a run found it. */
export function* faultsOfState(before: Rows, sides: Sides): Generator<string> {
  const { list, database, configuration } = sides;
  const emails = new Set([...list.values(), ...database.rows].map(({ email }) => email.toLowerCase()));
  for (const key of emails) {
    const wanted = wantedOf(database.rows, key);
    const rows = [...list.values()].filter(({ email }) => isSame(email, key));
    if (wanted?.subscribed && rows.length === 0) yield "a wanted reader is missing";
    const earlier = [...before.values()].filter(({ email }) => isSame(email, key));
    const staysKept = earlier.some(
      (row) => !row.subscribed && isKept(row, wanted?.consentedAt ?? 0, configuration),
    );
    for (const row of rows) {
      const fault = faultOfRow(row, wanted, {
        ...sides,
        before: before.get(row.email),
        staysKept,
        isAlone: rows.length === 1,
      });
      if (fault !== undefined) yield fault;
    }
  }
}

interface Circumstances extends Sides {
  /** The row as the run found it. */
  readonly before: Subscriber | undefined;
  /** Whether an opt-out or a bounce, under any spelling, keeps the address from coming back. */
  readonly staysKept: boolean;
  /** Whether the provider has the address in one spelling: of several, one gets the guid. */
  readonly isAlone: boolean;
}

function faultOfRow(
  row: Subscriber,
  wanted: Wanted | undefined,
  circumstances: Circumstances,
): string | undefined {
  const { configuration, showsData, before, staysKept, isAlone } = circumstances;
  const wasSubscribed = before?.subscribed ?? true;
  if (wanted === undefined && configuration.onlyAtProvider === "keep") {
    return row.subscribed === wasSubscribed ? undefined : "somebody only the provider has was changed";
  }
  if (!wanted?.subscribed) {
    return row.subscribed ? "somebody whom the database does not want is subscribed" : undefined;
  }
  if (!row.subscribed) return wasSubscribed || !staysKept ? "a wanted reader is unsubscribed" : undefined;
  const isNamed = (row["data_firstname"] ?? "") === (wanted.firstName ?? "");
  if (showsData && !isNamed) return "a field differs";
  return isAlone && wanted.guid !== undefined && row.guid !== wanted.guid ? "a guid differs" : undefined;
}
