import type { Fields } from "../../domain/subscriber.ts";

const standardColumns = ["data_first_name", "data_last_name", "data_job_title", "data_company_name"];

/** The custom field that a source's column stands for; undefined if it stands for a contact's own field. */
export function customFieldOf(column: string): string | undefined {
  if (standardColumns.includes(column)) return undefined;
  return column === "guid" ? column : column.replace(/^data_/, "");
}

/** The column of an import for one of a source's. */
function importColumnOf(column: string): string {
  const customField = customFieldOf(column);
  return customField === undefined ? column.replace(/^data_/, "") : `cf:${customField}`;
}

/** The fields of an import that have a value: what an empty one does is not documented. */
export function importFieldsOf(fields: Fields): Record<string, string> {
  const given = Object.entries(fields).filter(([, value]) => value !== "");
  return Object.fromEntries(given.map(([column, value]) => [importColumnOf(column), value]));
}
