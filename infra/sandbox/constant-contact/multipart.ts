/** A part of a form: a field, or a file if it has a name for one. */
export interface FormPart {
  readonly name: string;
  readonly fileName: string | undefined;
  readonly text: string;
}

/** @returns the parts of a body of `multipart/form-data`; undefined if the type is another one, or has no boundary */
export function readForm(text: string, contentType = ""): FormPart[] | undefined {
  const boundary = /^multipart\/form-data;.*\bboundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined) return undefined;
  const parts = `\r\n${text}`.split(`\r\n--${boundary}`).slice(1, -1);
  return parts.map((part) => {
    const headEnd = part.indexOf("\r\n\r\n");
    const head = part.slice(0, headEnd);
    return {
      name: /\bname="([^"]*)"/i.exec(head)?.[1] ?? "",
      fileName: /\bfilename="([^"]*)"/i.exec(head)?.[1],
      text: part.slice(headEnd + 4),
    };
  });
}
