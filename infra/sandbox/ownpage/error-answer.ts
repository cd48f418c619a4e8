import { type Answer, jsonAnswer } from "../answer.ts";
import type { Dialect } from "./sandbox-options.ts";

/** An error in the second documented shape. */
export function errorAnswer(status: number, cause: string): Answer {
  return jsonAnswer({ status, cause }, status);
}

/** A refused payload, in the shape of the dialect. */
export function refusalAnswer(message: string, shape: Dialect["errorShape"]): Answer {
  return shape === "cause"
    ? errorAnswer(400, message)
    : jsonAnswer({ status: "INVALID_REQUEST", message }, 400);
}
