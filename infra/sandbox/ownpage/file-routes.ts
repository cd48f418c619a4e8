import * as z from "zod";
import { type Answer, jsonAnswer } from "../answer.ts";
import type { RoutedCall } from "../route.ts";
import type { Account } from "./account.ts";
import { errorAnswer } from "./error-answer.ts";
import { csvAnswer } from "./event-file-flaws.ts";
import type { OwnpageRoute } from "./ownpage-route.ts";

const importSchema = z.object({
  email_list_id: z.coerce.number().int(),
  url: z.url({ protocol: /^https?$/ }),
});
const daySchema = z.iso.date();

/** The calls about files: imports, events and statistics. */
export const fileRoutes: OwnpageRoute[] = [
  { method: "POST", template: "/files", answer: startImport },
  { method: "GET", template: "/newsletters/events/EVENT_NAME/DATE", answer: showEvents },
  { method: "GET", template: "/newsletters/stats/export", answer: exportStats },
  { method: "GET", template: "/export/TOKEN/FILENAME", isOpen: true, answer: showExport },
];

async function startImport({ body }: RoutedCall, { lists, imports }: Account): Promise<Answer> {
  const { data } = importSchema.safeParse(body);
  if (!data) return errorAnswer(400, "Invalid request");
  const list = lists.get(data.email_list_id);
  if (!list) return errorAnswer(404, "List not found");
  try {
    return jsonAnswer(await imports.start(data.url, list));
  } catch {
    return errorAnswer(400, "The file cannot be downloaded");
  }
}

function showEvents({ values }: RoutedCall, { events }: Account): Answer {
  if (!events.settings.premium) return errorAnswer(403, "Events are a premium feature");
  const { EVENT_NAME: event = "", DATE: day } = values;
  const { data } = daySchema.safeParse(day);
  if (!data) return errorAnswer(400, "Invalid date");
  const file = events.fetch(event, data);
  if ("missing" in file) return errorAnswer(404, `No file for this ${file.missing}`);
  return csvAnswer(file.csv, events.settings.flaws[event]);
}

function exportStats({ query }: RoutedCall, account: Account): Answer {
  const { data: startDate } = daySchema.safeParse(query["startDate"]);
  const { data: endDate } = daySchema.safeParse(query["endDate"]);
  if (!startDate || !endDate) return errorAnswer(400, "startDate and endDate are needed");
  return jsonAnswer(account.exports.make(startDate, endDate));
}

function showExport({ values }: RoutedCall, account: Account): Answer {
  const csv = account.exports.find(values["TOKEN"]!, values["FILENAME"]!);
  return csv === undefined ? errorAnswer(404, "Export not found") : csvAnswer(csv);
}
