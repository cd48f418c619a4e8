import { isDeepStrictEqual } from "node:util";
import type { Row } from "../answer.ts";
import {
  completeSubscriber,
  defaultGuid,
  documentedFields,
  type Subscriber,
  subscribe,
  unsubscribe,
} from "./subscriber.ts";
import type { SubscriberList } from "./subscriber-list.ts";

export interface WriteReport {
  errors: string[];
  unique_emails_count: number;
  duplicate_emails_count: number;
  duplicate_guid_count: number;
  nb_created: number;
  nb_subscribed: number;
  nb_unsubscribed: number;
  nb_data_changed: number;
}

interface WriteContext {
  readonly now: () => Date;
  readonly resetsGuid: boolean;
}

/**
 * Applies one create/update request, or one imported file, row by row.
 *
 * | in the list  | subscribed absent or invalid | true          | false              |
 * |--------------|------------------------------|---------------|--------------------|
 * | absent       | subscribed                   | subscribed    | added unsubscribed |
 * | subscribed   | as it was                    | as it was     | unsubscribed       |
 * | unsubscribed | as it was                    | re-subscribed | as it was          |
 */
export class SubscriberWrite {
  readonly report: WriteReport = {
    errors: [],
    unique_emails_count: 0,
    duplicate_emails_count: 0,
    duplicate_guid_count: 0,
    nb_created: 0,
    nb_subscribed: 0,
    nb_unsubscribed: 0,
    nb_data_changed: 0,
  };
  readonly #list: SubscriberList;
  readonly #context: WriteContext;
  readonly #emails = new Set<string>();
  readonly #guids = new Set<string>();

  constructor(list: SubscriberList, context: WriteContext) {
    this.#list = list;
    this.#context = context;
  }

  /** Applies a row with a valid address; if this write has already seen its address or guid, it is only counted. */
  apply(row: Row): void {
    if (this.#emails.has(row.email)) {
      this.report.duplicate_emails_count++;
      return;
    }
    this.#emails.add(row.email);
    this.report.unique_emails_count++;
    const guid = guidOf(row);
    if (guid !== undefined && this.#guids.has(guid)) {
      this.report.duplicate_guid_count++;
      return;
    }
    if (guid !== undefined) this.#guids.add(guid);
    const known = this.#list.get(row.email);
    if (known) this.#update(known, row);
    else this.#create(row);
  }

  #create(row: Row): void {
    const at = this.#context.now();
    const seed = {
      email: row.email,
      guid: guidOf(row) ?? defaultGuid(row.email),
      ...this.#attributesOf(row),
    };
    const created = completeSubscriber(seed, at);
    this.report.nb_created++;
    if (wantedStatus(row) === false) {
      this.report.nb_unsubscribed++;
      this.#list.put(unsubscribe(created, causeOf(row), at));
    } else {
      this.report.nb_subscribed++;
      this.#list.put(created);
    }
  }

  #update(known: Subscriber, row: Row): void {
    const absentGuid = this.#context.resetsGuid ? defaultGuid(row.email) : known.guid;
    const updated = { ...known, guid: guidOf(row) ?? absentGuid, ...this.#attributesOf(row) };
    const isDataChanged = !isDeepStrictEqual(updated, known);
    if (isDataChanged) this.report.nb_data_changed++;
    const moved = this.#changeStatus(updated, row);
    if (isDataChanged || moved !== updated) this.#list.put(moved);
  }

  #changeStatus(known: Subscriber, row: Row): Subscriber {
    const wanted = wantedStatus(row) ?? known.subscribed;
    if (wanted === known.subscribed) return known;
    this.report[wanted ? "nb_subscribed" : "nb_unsubscribed"]++;
    const at = this.#context.now();
    return wanted ? subscribe(known, at) : unsubscribe(known, causeOf(row), at);
  }

  /** The legacy API accepts attributes of any name; the API of lists only data_*. */
  #attributesOf(row: Row): Record<string, unknown> {
    const isLegacy = this.#list.id === undefined;
    const isAttribute = (field: string) =>
      field.startsWith("data_") || (isLegacy && !documentedFields.includes(field));
    return Object.fromEntries(Object.entries(row).filter(([field]) => isAttribute(field)));
  }
}

const guidOf = ({ guid }: Row): string | undefined =>
  guid === undefined || guid === null || guid === "" ? undefined : String(guid);

const causeOf = ({ unsubscribed_cause }: Row): string =>
  unsubscribed_cause === "PUBLISHER" ? "PUBLISHER" : "READER";

/** Strings count, as in the legacy example and in CSV files; anything else is invalid, and treated as absent. */
function wantedStatus({ subscribed }: Row): boolean | undefined {
  if (subscribed === true || subscribed === "true") return true;
  if (subscribed === false || subscribed === "false") return false;
  return undefined;
}
