import * as z from "zod";

const maxAddressLength = 254;
const maxLocalLength = 64;
const plainAscii = /^[\x21-\x7e]*$/;
const forbiddenInDomain = /[%/?#:@\\[\]\s]/;
const addressPattern = z.email({ pattern: z.regexes.html5Email });

/**
 * The form in which addresses are compared: trimmed, NFC, lower case, with the domain in ASCII (IDNA). Never throws:
 * a text that is not an address has a canonical form too, and {@link isDeliverable} rejects it.
 */
export function canonicalEmail(email: string): string {
  const trimmed = email.trim();
  if (plainAscii.test(trimmed)) return trimmed.toLowerCase();
  const folded = trimmed.normalize("NFC").toLowerCase().normalize("NFC");
  const at = folded.lastIndexOf("@");
  return at < 0 ? folded : `${folded.slice(0, at + 1)}${asciiDomain(folded.slice(at + 1))}`;
}

/**
 * Whether any provider may accept a canonical address: the HTML standard's syntax, a domain of at least two labels,
 * and the lengths of RFC 5321. Letters beyond ASCII are allowed before the @ (RFC 6531).
 */
export function isDeliverable(canonical: string): boolean {
  if (canonical.length > maxAddressLength) return false;
  const at = canonical.lastIndexOf("@");
  if (at < 1 || at > maxLocalLength) return false;
  const domain = canonical.slice(at + 1);
  const local = canonical.slice(0, at).replace(/[\p{L}\p{M}\p{N}]/gu, "x");
  return domain.includes(".") && addressPattern.safeParse(`${local}@${domain}`).success;
}

function asciiDomain(domain: string): string {
  if (plainAscii.test(domain) || forbiddenInDomain.test(domain)) return domain;
  return URL.parse(`http://${domain}/`)?.hostname ?? domain;
}
