const at = 0x40;
const dot = 0x2e;
const hyphen = 0x2d;
const maxLocalLength = 64;
const maxLabelLength = 63;
const maxLength = 254;

/** What letters and digits are, and what may stand between them before the @. */
const kinds = { other: 0, alphanumeric: 1, localOnly: 2 } as const;
const kindOf = new Uint8Array(256);
for (const character of "abcdefghijklmnopqrstuvwxyz0123456789") {
  kindOf[character.charCodeAt(0)] = kinds.alphanumeric;
}
for (const character of "._+-") kindOf[character.charCodeAt(0)] = kinds.localOnly;

/**
 * Whether a canonical address is of the plainest kind: small letters and digits, with little in between. Such an address
 * is deliverable; of any other one, `isDeliverable` says whether it is, in ten times the time.
 */
export function isPlainAddress(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > maxLength) return false;
  let position = start;
  while (position < end && kindOf[bytes[position]!] !== kinds.other) position++;
  const local = position - start;
  if (local === 0 || local > maxLocalLength || bytes[position] !== at) return false;
  let labels = 0;
  let labelStart = position + 1;
  for (position = labelStart; position <= end; position++) {
    if (position < end && bytes[position] !== dot) {
      const isInside = kindOf[bytes[position]!] === kinds.alphanumeric || bytes[position] === hyphen;
      if (!isInside) return false;
      continue;
    }
    if (!isLabel(bytes, labelStart, position)) return false;
    labels++;
    labelStart = position + 1;
  }
  return labels > 1;
}

/** @param end after its last byte, of a text of letters, digits and hyphens */
function isLabel(bytes: Uint8Array, start: number, end: number): boolean {
  if (end === start || end - start > maxLabelLength) return false;
  return bytes[start] !== hyphen && bytes[end - 1] !== hyphen;
}
