import { domainToUnicode } from "node:url";
import { canonicalEmail } from "../domain/email.ts";

/** Finds one address in texts, however it is spelled there: in other capitals, with another form of its domain, in a URL. */
export interface ReaderMatcher {
  readonly canonical: string;
  /** In which it was found, or given. */
  readonly spellings: Set<string>;
  /** Whether the text is the address. */
  isReader(text: string): boolean;
  /** Whether the address stands somewhere in the text, and not as the end of a longer one. */
  isMentionedIn(text: string): boolean;
  /** Whether it may: fast, so that most bytes need no closer look. */
  mayBeIn(bytes: Buffer): boolean;
}

const ascii = /^[\x21-\x7e]+$/;
/** What an address goes on with to the left; an apostrophe only between letters, as texts quote with it, too. */
const longerLocal = /(?:[\p{L}\p{M}\p{N}._+~!#$%*^`{|}-]|[\p{L}\p{N}]')$/u;
const domainHere = /[\p{L}\p{M}\p{N}.-]+/uy;
const encodedByte = /(?:%[0-9a-f]{2})+/gi;

export function createReaderMatcher(email: string): ReaderMatcher {
  const canonical = canonicalEmail(email);
  const local = canonical.slice(0, canonical.lastIndexOf("@"));
  const needle = `${local}@`;
  const encodedNeedle = `${encodeURIComponent(local)}%40`.toLowerCase();
  const isAscii = ascii.test(local);

  function standsIn(text: string): boolean {
    const folded = isAscii ? text.toLowerCase() : fold(text);
    for (let at = folded.indexOf(needle); at >= 0; at = folded.indexOf(needle, at + 1)) {
      domainHere.lastIndex = at + needle.length;
      const [domain = ""] = domainHere.exec(folded) ?? [];
      const isWhole = !longerLocal.test(folded.slice(Math.max(0, at - 2), at));
      if (isWhole && canonicalEmail(`${needle}${domain.replace(/[.-]+$/, "")}`) === canonical) return true;
    }
    return false;
  }

  const spellings = new Set(spellingsOf(email));
  return {
    canonical,
    spellings,
    isReader(text) {
      const isTheirs = canonicalEmail(text) === canonical;
      if (isTheirs) spellings.add(text.trim());
      return isTheirs;
    },
    isMentionedIn: (text) => standsIn(text) || (text.includes("%") && standsIn(decoded(text))),
    mayBeIn(bytes) {
      const folded = isAscii ? bytes.toString("latin1").toLowerCase() : fold(bytes.toString());
      return folded.includes(needle) || folded.includes(encodedNeedle);
    },
  };
}

/** The forms of an address that a text may have: as it was given, as it is compared, and with its domain in Unicode. */
function spellingsOf(email: string): string[] {
  const canonical = canonicalEmail(email);
  const at = canonical.lastIndexOf("@") + 1;
  const inUnicode = `${canonical.slice(0, at)}${domainToUnicode(canonical.slice(at))}`;
  return [...new Set([email.trim(), canonical, inUnicode])];
}

function fold(text: string): string {
  return text.normalize("NFC").toLowerCase().normalize("NFC");
}

function decoded(text: string): string {
  return text.replace(encodedByte, (bytes) => Buffer.from(bytes.replaceAll("%", ""), "hex").toString());
}
