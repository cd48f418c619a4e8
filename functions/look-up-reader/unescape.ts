/** A URL within a URL is encoded once more. */
const mostTimes = 3;

const encodedBytes = /(?:%[0-9a-f]{2})+/gi;
/** Of JSON, and of HTML by number: decimal or hexadecimal. */
const byNumber = /\\u([0-9a-f]{4})|&#(\d{1,7}|x[0-9a-f]{1,6});/gi;
const byName = /&(amp|quot|apos|lt|gt|commat|plus);/gi;
const characters: Readonly<Record<string, string>> = {
  ...{ amp: "&", quot: '"', apos: "'", lt: "<", gt: ">" },
  ...{ commat: "@", plus: "+" },
};

/** Letters and digits of ASCII, which nobody has to escape; and whatever is escaped by number outside of URLs. */
const escapedPlain = /%(?:25)*(?:3\d|[46][1-9a-f]|[57][\da])|&#|\\u/i;

/** Whether even letters and digits may be escaped in a text. */
export function escapesPlain(text: string): boolean {
  return escapedPlain.test(text);
}

/** A text as it stands, and with what URLs, HTML and JSON escape in it written out, once and again as long as there is any. */
export function unescapings(text: string): string[] {
  const forms = [text];
  for (
    let form = unescapeOnce(text);
    form !== forms.at(-1) && forms.length <= mostTimes;
    form = unescapeOnce(form)
  ) {
    forms.push(form);
  }
  return forms;
}

function unescapeOnce(text: string): string {
  let form = text;
  if (form.includes("%")) {
    form = form.replace(encodedBytes, (bytes) => Buffer.from(bytes.replaceAll("%", ""), "hex").toString());
  }
  if (form.includes("&") || form.includes("\\u")) {
    form = form
      .replace(byNumber, (all, inJson?: string, inHtml?: string) => characterOf(inJson, inHtml) ?? all)
      .replace(byName, (_, name: string) => characters[name.toLowerCase()]!);
  }
  return form;
}

function characterOf(inJson: string | undefined, inHtml: string | undefined): string | undefined {
  const code = inJson ? Number.parseInt(inJson, 16) : Number(inHtml?.replace(/^x/i, "0x"));
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}
