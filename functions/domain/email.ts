import * as z from "zod";

const maxAddressLength = 254;
const maxLocalLength = 64;
const plainAscii = /^[\x21-\x7e]*$/;
const notInADomainName = /[%/?#:@\\[\]\s]/;
/** What no reader sees, and so nobody means: a space of any width, a joiner, a mark of direction, a filler. */
const invisible = /[\p{Default_Ignorable_Code_Point}\p{White_Space}\p{Cc}\u2800]/u;
const addressPattern = z.email({ pattern: z.regexes.html5Email });

/**
 * The form in which two addresses are compared: trimmed, NFC, lower case, its domain in ASCII (IDNA).
 * Total: a text that is no address comes back in some canonical form too, and is then found invalid
 * by {@link isDeliverable}.
 */
export function canonicalEmail(email: string): string {
  const trimmed = email.trim();
  if (plainAscii.test(trimmed)) return trimmed.toLowerCase();
  const folded = fold(trimmed);
  const at = folded.lastIndexOf("@");
  return at < 0 ? folded : `${folded.slice(0, at + 1)}${asciiDomain(folded.slice(at + 1))}`;
}

/**
 * Whether some provider may take a canonical address: the HTML standard's syntax, a domain of two labels
 * or more, and the lengths of RFC 5321. Letters beyond ASCII before the @ are allowed (RFC 6531).
 */
export function isDeliverable(canonical: string): boolean {
  if (canonical.length > maxAddressLength) return false;
  const at = canonical.lastIndexOf("@");
  if (at < 1 || at > maxLocalLength) return false;
  const domain = canonical.slice(at + 1);
  const local = canonical.slice(0, at).replace(/[\p{L}\p{M}\p{N}]/gu, "x");
  return domain.includes(".") && addressPattern.safeParse(`${local}@${domain}`).success;
}

/**
 * The form in which a new address is sent: the part before the @ as the database spells it, the domain as it is compared.
 * Else a domain that only looks the same would make a second subscriber of the reader.
 */
export function sentEmail(email: string): string {
  const trimmed = email.trim();
  const domain = trimmed.lastIndexOf("@") + 1;
  return `${trimmed.slice(0, domain)}${canonicalDomain(trimmed.slice(domain))}`;
}

/** The first invisible character before the @, as in `U+200B`; undefined when there is none. */
export function invisibleCharacterIn(email: string): string | undefined {
  const [found] = invisible.exec(email.trim().replace(/@[^@]*$/, "")) ?? [];
  return found && `U+${found.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
}

function canonicalDomain(domain: string): string {
  return plainAscii.test(domain) ? domain.toLowerCase() : asciiDomain(fold(domain));
}

function fold(text: string): string {
  return text.normalize("NFC").toLowerCase().normalize("NFC");
}

function asciiDomain(domain: string): string {
  if (plainAscii.test(domain) || notInADomainName.test(domain)) return domain;
  return URL.parse(`http://${domain}/`)?.hostname ?? domain;
}
