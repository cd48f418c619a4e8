import type { ContactAnswer } from "./answers.ts";
import type { Contact } from "./contact.ts";

const scalars = ["first_name", "last_name", "job_title", "company_name"] as const;

/** @param customFields their names by their ids; a value of one that is not among them is left out */
export function readContact(answer: ContactAnswer, customFields: ReadonlyMap<string, string>): Contact {
  const { email_address: address } = answer;
  return {
    id: answer.contact_id,
    email: address?.address || undefined,
    permission: address?.permission_to_send ?? "unknown",
    optOutSource: address?.opt_out_source,
    optedOutAt: address?.opt_out_date,
    optedInAt: address?.opt_in_date,
    createdAt: answer.created_at,
    updatedAt: answer.updated_at,
    byReaderAt: lastByReader(answer),
    deletedAt: answer.deleted_at ?? undefined,
    lists: answer.list_memberships ?? [],
    fields: fieldsOf(answer, customFields),
  };
}

/** Whoever is not said to have been created by the account may have come by themselves. */
function lastByReader(answer: ContactAnswer): number | undefined {
  if (answer.update_source === "Contact") return answer.updated_at;
  return answer.create_source === "Account" ? undefined : answer.created_at;
}

function fieldsOf(answer: ContactAnswer, customFields: ReadonlyMap<string, string>): Contact["fields"] {
  const custom = (answer.custom_fields ?? []).map(({ custom_field_id, value }) => {
    const name = customFields.get(custom_field_id);
    return [name === undefined ? undefined : columnOf(name), value];
  });
  const standard = scalars.map((name) => [`data_${name}`, answer[name]]);
  // The contact's own fields come last: a custom field may have the name of one.
  return Object.fromEntries([...custom, ...standard].filter(([name, value]) => name && value));
}

/** The name of a custom field as a source's column has it. */
function columnOf(customField: string): string {
  return customField === "guid" ? customField : `data_${customField}`;
}
