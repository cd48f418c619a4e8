import { ProviderContractError } from "../../domain/provider-errors.ts";
import { readJson } from "../../platform/http/http-json.ts";
import { contactPageSchema, customFieldPageSchema } from "./answers.ts";
import type { ContactPage, ContactQuery } from "./client.ts";
import { readContact } from "./read-contact.ts";
import type { Session } from "./session.ts";

const pageLimit = "500";
const customFieldLimit = "100";

interface Reading {
  /** Their names by their ids. */
  readonly customFields: ReadonlyMap<string, string>;
  readonly signal: AbortSignal;
}

/** Reads the contacts that match, page by page. */
export async function* readContacts(
  session: Session,
  query: ContactQuery,
  { customFields, signal }: Reading,
): AsyncGenerator<ContactPage> {
  const template = "/contacts";
  let url: string | undefined = session.url(template, parametersOf(query));
  while (url !== undefined) {
    const { next, ...page }: ContactPage & Linked = await session.call({
      method: "GET",
      template,
      url,
      signal,
      read: async (response) => {
        const { contacts, contacts_count, _links } = await readJson(response, contactPageSchema);
        return {
          contacts: contacts.map((contact) => readContact(contact, customFields)),
          count: contacts_count,
          answeredAt: timeOf(response.headers["date"]),
          next: _links.next?.href,
        };
      },
    });
    yield page;
    url = nextUrl(url, next, template);
  }
}

/** @returns the names of the account's custom fields by their ids */
export async function readCustomFields(session: Session, signal: AbortSignal): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  const template = "/contact_custom_fields";
  let url: string | undefined = session.url(template, { limit: customFieldLimit });
  while (url !== undefined) {
    const { custom_fields, _links } = await session.call({
      method: "GET",
      template,
      url,
      signal,
      read: (response) => readJson(response, customFieldPageSchema),
    });
    for (const { custom_field_id, name } of custom_fields) names.set(custom_field_id, name);
    url = nextUrl(url, _links.next?.href, template);
  }
  return names;
}

interface Linked {
  /** The path of the next page, from the root of the host. */
  readonly next: string | undefined;
}

/**
 * The address of the next page. Its cursor is taken as it is: it holds the query.
 *
 * @throws ProviderContractError when it leads elsewhere, where our token must not go, or back to the same page
 */
function nextUrl(current: string, href: string | undefined, template: string): string | undefined {
  if (href === undefined) return undefined;
  const next = URL.parse(href, current);
  const isSameCollection = next?.origin === new URL(current).origin && next.pathname.endsWith(template);
  if (isSameCollection && next.href !== new URL(current).href) return next.href;
  const problem = isSameCollection ? "back to the same page" : "elsewhere";
  throw new ProviderContractError(`GET ${template}`, `its link to the next page leads ${problem}`);
}

function parametersOf(query: ContactQuery): Record<string, string | undefined> {
  return {
    // Without it, who is left out is documented in two ways.
    status: query.status ?? (query.optedOutAfter === undefined ? "all" : "unsubscribed"),
    email: query.email,
    lists: query.lists?.join(","),
    updated_after: timeText(query.updatedAfter),
    optout_after: timeText(query.optedOutAfter),
    include: "custom_fields,list_memberships",
    include_count: query.isCounted ? "true" : undefined,
    limit: pageLimit,
  };
}

/** The provider's times have whole seconds. */
function timeText(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}

function timeOf(header: string | string[] | undefined): number | undefined {
  const at = Date.parse(String(header));
  return Number.isNaN(at) ? undefined : at;
}
