import { type Answer, jsonAnswer } from "../answer.ts";

/** The keys of errors that are answered with more than one status. */
const keys: Readonly<Record<number, string>> = {
  400: "contacts.api.validation.error",
  404: "contacts.api.not_found",
  405: "contacts.api.method_not_allowed",
  409: "contacts.api.conflict",
  415: "contacts.api.unsupported_media_type",
  429: "contacts.api.too_many_requests",
};

/** An error of the API itself: a list with one error. */
export function errorAnswer(status: number, message: string): Answer {
  return jsonAnswer([{ error_key: keys[status] ?? "contacts.api.error", error_message: message }], status);
}

/** An error of the gateway before the API: one object. */
export function gatewayAnswer(status: number, key: string, message: string): Answer {
  return jsonAnswer({ error_key: key, error_message: message }, status);
}
