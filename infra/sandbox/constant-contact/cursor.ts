/** The parameters of a collection, as a query or a cursor has them. */
export type Parameters = Readonly<Record<string, string>>;

/** A cursor carries the whole query and the place of the next page: nothing may be added to it. */
export function encodeCursor(parameters: Parameters): string {
  return Buffer.from(new URLSearchParams(parameters).toString()).toString("base64");
}

/** Undefined if the text is no cursor. */
export function decodeCursor(cursor: string): Parameters | undefined {
  const parameters = Object.fromEntries(new URLSearchParams(Buffer.from(cursor, "base64").toString()));
  return encodeCursor(parameters) === cursor ? parameters : undefined;
}
