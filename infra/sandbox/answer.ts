/** A subscriber as a client writes it. */
export interface Row {
  readonly email: string;
  readonly [field: string]: unknown;
}

/** What a sandbox answers; `rows` are those that the request made it apply. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: readonly Buffer[];
  /** False for a body without a Content-Length: it is sent in chunks. @default true */
  readonly hasLength?: boolean;
  readonly rows?: readonly Row[];
  readonly statusText?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function jsonAnswer(body: unknown, status = 200): Answer {
  const type = "application/json; charset=utf-8";
  return { status, type, body: [Buffer.from(JSON.stringify(body))] };
}

/** An answer whose JSON is already serialised. */
export function jsonPartsAnswer(body: readonly Buffer[]): Answer {
  return { ...jsonAnswer(null), body };
}

export function textAnswer(type: string, text: string): Answer {
  return { status: 200, type: `${type}; charset=utf-8`, body: [Buffer.from(text)] };
}

/** An error of the sandbox itself, not of the provider that it stands in for. */
export function sandboxError(status: number, cause: string): Answer {
  return jsonAnswer({ status, cause }, status);
}
