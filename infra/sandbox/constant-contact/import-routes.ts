import * as z from "zod";
import type { Answer, Row } from "../answer.ts";
import type { RoutedCall } from "../route.ts";
import type { Account } from "./account.ts";
import type { Work } from "./activity.ts";
import { startedAnswer } from "./activity-routes.ts";
import type { ConstantContactRoute } from "./constant-contact-route.ts";
import { ContactImport } from "./contact-import.ts";
import { errorAnswer } from "./error-answer.ts";
import { rowError } from "./import-errors.ts";
import { cutFile, cutRows, type ImportRow } from "./import-rows.ts";
import { readForm } from "./multipart.ts";
import { describeError } from "./parameters.ts";

const listIdsSchema = z.array(z.uuid()).min(1).max(50);

const jsonSchema = z.object({
  import_data: z.array(z.record(z.string(), z.unknown())).min(1),
  list_ids: listIdsSchema,
});

export const importRoutes: ConstantContactRoute[] = [
  { method: "POST", template: "/activities/contacts_json_import", answer: importJson },
  { method: "POST", template: "/activities/contacts_file_import", takesForm: true, answer: importFile },
];

interface Import {
  readonly kind: string;
  readonly rows: readonly ImportRow[];
  readonly listIds: readonly string[];
  readonly sourceFileName?: string;
}

function importJson({ body }: RoutedCall, account: Account): Answer {
  const { data, error } = jsonSchema.safeParse(body);
  if (error) return errorAnswer(400, describeError(error));
  const rows = cutRows(data.import_data, account.options);
  return startImport({ kind: "contacts_json_import", rows, listIds: data.list_ids }, account);
}

function importFile({ text, headers }: RoutedCall, account: Account): Answer {
  const form = readForm(text, headers["content-type"]);
  if (!form) return errorAnswer(415, "The form has no boundary");
  const file = form.find(({ name }) => name === "file");
  if (!file?.fileName?.endsWith(".csv")) return errorAnswer(415, "The file must be a CSV file");
  const listIds = form.find(({ name }) => name === "list_ids")?.text.split(",");
  const { data, error } = listIdsSchema.safeParse(listIds);
  if (error) return errorAnswer(400, "list_ids does not have a valid value");
  const rows = cutFile(file.text, account.options);
  if (!rows) return errorAnswer(400, "The file is not a CSV file");
  const sourceFileName = file.fileName;
  return startImport({ kind: "contacts_file_import", rows, listIds: data, sourceFileName }, account);
}

function startImport({ rows, listIds, ...named }: Import, account: Account): Answer {
  const { lists, customFields, options } = account;
  if (listIds.some((id) => !lists.alive(id))) return errorAnswer(400, "list_ids does not have a valid value");
  const isBad = (row: ImportRow) => rowError(row, customFields, options) !== undefined;
  if (options.badImportRows === "refused" && rows.some(isBad)) {
    return errorAnswer(400, "import_data does not have a valid value");
  }
  const work: Work = {
    ...named,
    items: rows.length,
    run: (count, at) => {
      const contactImport = new ContactImport(account, listIds, at);
      for (const row of rows.slice(0, count)) contactImport.apply(row);
      return contactImport.result;
    },
  };
  const accepted = rows.filter((row): row is Row => typeof row["email"] === "string");
  const answer = startedAnswer(account, work);
  return answer.status < 300 ? { ...answer, rows: accepted } : answer;
}
