import type { Dialect } from "./sandbox-options.ts";
import type { Row } from "./subscriber-write.ts";

/** What the provider answers; `rows` are those the request made it apply. */
export interface Answer {
  status: number;
  type: string;
  body: Buffer[];
  rows?: Row[];
}

export const jsonAnswer = (body: unknown, status = 200): Answer => ({
  status,
  type: "application/json; charset=utf-8",
  body: [Buffer.from(JSON.stringify(body))],
});

/** An answer whose JSON is already written. */
export const jsonPartsAnswer = (body: Buffer[]): Answer => ({ ...jsonAnswer(null), body });

export const textAnswer = (type: string, text: string): Answer => ({
  status: 200,
  type: `${type}; charset=utf-8`,
  body: [Buffer.from(text)],
});

/** An error in the second documented shape. */
export const errorAnswer = (status: number, cause: string): Answer => jsonAnswer({ status, cause }, status);

/** A refused payload, in the shape of the dialect. */
export const refusalAnswer = (message: string, shape: Dialect["errorShape"]): Answer =>
  shape === "cause" ? errorAnswer(400, message) : jsonAnswer({ status: "INVALID_REQUEST", message }, 400);
