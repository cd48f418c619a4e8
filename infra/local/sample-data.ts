/** The publisher's side of the demonstration: a table of readers, the query that reads it, the statements that write it. */

/** What a demonstration shows: a provider on this machine, and readers on whom the two sides disagree. */
export interface Sample {
  /** The provider, as in "starting an Ownpage". */
  readonly provider: string;
  /** The database's readers, as the rows of an SQL insert. */
  readonly readers: string;
  /** The column in which the provider has a first name. */
  readonly firstName: string;
  /** What the database does with returns. */
  readonly statements: readonly string[];
  start(): Promise<SampleProvider>;
}

/** A sandbox provider that holds the readers of a sample. */
export interface SampleProvider {
  /** The configuration's `provider`. */
  readonly configuration: { readonly kind: string; readonly secret: string };
  /** What the secret holds. */
  readonly credentials: unknown;
  /** The list's `id`. */
  readonly listId: number | string;
  /** What readers do there after the first sync. @returns it as sentences; undefined if the demonstration ends without */
  goOn?(): string;
  stop(): Promise<void>;
}

/** @param readers the rows of an SQL insert */
export function sampleDatabase(readers: string): string {
  return `
  create table readers (
    email text, guid text, daily boolean, left_by text, consented_at timestamptz, first_name text,
    left_at timestamptz, bounced_at timestamptz
  );
  insert into readers values
${readers};`;
}

/** @param firstName the column in which the provider has it */
export function sampleQuery(firstName: string): string {
  return `
  select email, guid, daily and bounced_at is null as subscribed, left_by as unsubscribed_cause, consented_at,
    first_name as ${firstName}
  from readers`;
}

/** Who writes the returns: a user that may do what the statements do, and nothing else. */
export const sampleWriter = "newsletter_writer";
export const sampleGrants = `
  grant select (email, daily, consented_at, bounced_at),
    insert (email, daily, consented_at, first_name),
    update (daily, left_by, left_at, bounced_at)
  on readers to ${sampleWriter}`;

/** Takes down who left. @param unless in SQL: whose word in the database the provider's does not replace */
export function tellOptOuts(unless: string): string {
  return `update readers r
  set daily = false, left_by = c.cause, left_at = coalesce(c.changed_at, now())
  from changes c
  where lower(r.email) = c.address and c.kind = 'unsubscribed' and r.daily and (${unless}) is not true`;
}

export const tellBounces = `update readers r
  set bounced_at = coalesce(c.changed_at, now())
  from changes c
  where lower(r.email) = c.address and c.kind = 'bounced' and r.bounced_at is null`;

/** Adds who is new. @param firstName as for sampleQuery */
export function tellSubscriptions(firstName: string): string {
  return `insert into readers (email, daily, consented_at, first_name)
  select c.email, true, c.changed_at, c.fields->>'${firstName}'
  from changes c
  where c.kind = 'subscribed' and not exists (select from readers r where lower(r.email) = c.address)`;
}

/** Whom the database heard of, a line for each, as text. */
export const sampleToldReaders = `
  select format('%-18s  %s', email, concat_ws(' ',
    'daily=' || daily, 'left_by=' || left_by, 'left_at=' || left_at::date, 'bounced_at=' || bounced_at::date
  )) as line
  from readers
  where left_at is not null or bounced_at is not null or guid is null
  order by email`;
