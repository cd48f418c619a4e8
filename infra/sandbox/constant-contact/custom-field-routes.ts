import * as z from "zod";
import { type Answer, jsonAnswer } from "../answer.ts";
import type { RoutedCall } from "../route.ts";
import type { Account } from "./account.ts";
import { pageAnswer, pageOf, readPageRequest } from "./collection.ts";
import type { ConstantContactRoute } from "./constant-contact-route.ts";
import { errorAnswer } from "./error-answer.ts";
import { describeError, limitUpTo } from "./parameters.ts";
import { wholeSecond } from "./whole-second.ts";

const maxFields = 100;

const fieldSchema = z.object({
  label: z.string().min(1).max(50),
  type: z.string().max(20).default("string"),
});

export const customFieldRoutes: ConstantContactRoute[] = [
  { method: "GET", template: "/contact_custom_fields", answer: showPage },
  { method: "POST", template: "/contact_custom_fields", answer: addField },
  { method: "GET", template: "/contact_custom_fields/CUSTOM_FIELD_ID", answer: showOne },
];

function showPage(call: RoutedCall, account: Account): Answer {
  const request = readPageRequest(call, account);
  if ("status" in request) return request;
  const { parameters } = request;
  const { data, error } = z.object({ limit: limitUpTo(100) }).safeParse(parameters);
  if (error) return errorAnswer(400, describeError(error));
  const { shown, next } = pageOf(account.customFields.values(), request, data.limit);
  return pageAnswer({ custom_fields: shown }, { path: "/contact_custom_fields", parameters, next }, account);
}

function addField({ body }: RoutedCall, { customFields, options }: Account): Answer {
  const { data, error } = fieldSchema.safeParse(body);
  if (error) return errorAnswer(400, describeError(error));
  if (customFields.find(data.label.replaceAll(" ", "_"))) return errorAnswer(409, "The label is in use");
  if (customFields.values().length >= maxFields) return errorAnswer(400, "The account has 100 custom fields");
  return jsonAnswer(customFields.add(data, wholeSecond(options.now())), 201);
}

function showOne({ values }: RoutedCall, { customFields }: Account): Answer {
  const field = customFields.get(values["CUSTOM_FIELD_ID"]!);
  return field ? jsonAnswer(field) : errorAnswer(404, "custom_field_id not found");
}
