import { type Html, html, trusted } from "./html.ts";
import { style } from "./style.ts";

export interface Page {
  readonly title: string;
  readonly body: Html;
  /** Tells one drawing of a page from an older one. @default pages that are drawn of one report have none */
  readonly revision?: number;
}

/** A whole document: one file, which needs neither a network nor a script. */
export function documentOf({ title, body, revision }: Page): Buffer {
  const mark = revision !== undefined && html`<meta name="revision" content="${revision}">`;
  const { markup } = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
${mark}<title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>${trusted(style)}</style>
</head>
<body>
${body}
</body>
</html>
`;
  return Buffer.from(markup);
}

/** @returns 0 for what no page of ours is */
export function revisionOf(page: Uint8Array): number {
  const head = Buffer.from(page.subarray(0, 300)).toString();
  return Number(/<meta name="revision" content="(\d+)">/.exec(head)?.[1] ?? 0);
}

export const contentType = "text/html; charset=utf-8";
