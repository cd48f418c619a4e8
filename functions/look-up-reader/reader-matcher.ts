import { domainToUnicode } from "node:url";
import { canonicalEmail } from "../domain/email.ts";
import { escapesPlain, unescapings } from "./unescape.ts";

/** Finds one address in texts, however it is spelled there: in other capitals, with another form of its domain, in a URL or a page. */
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
/**
 * What an address goes on with to the left. An apostrophe only between letters, as texts quote with it, too; and what an
 * address may have but text rather has around one, as in `|` and `#`, not at all.
 */
const longerLocal = /(?:[\p{L}\p{M}\p{N}._+~!$%^-]|[\p{L}\p{M}\p{N}]')$/u;
const domainHere = /[\p{L}\p{M}\p{N}.-]+/uy;

export function createReaderMatcher(email: string): ReaderMatcher {
  const canonical = canonicalEmail(email);
  const local = canonical.slice(0, canonical.lastIndexOf("@"));
  const needle = `${local}@`;
  const plainPart = longestPlainPart(local);
  const isAscii = ascii.test(local);
  const foldLocal = (text: string) => (isAscii ? text.toLowerCase() : fold(text));

  function standsIn(text: string): boolean {
    const folded = foldLocal(text);
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
    isMentionedIn: (text) => unescapings(text).some(standsIn),
    mayBeIn(bytes) {
      const text = bytes.toString(isAscii ? "latin1" : "utf8");
      if (!foldLocal(text).includes(plainPart) && !escapesPlain(text)) return false;
      return unescapings(text).some((unescaped) => foldLocal(unescaped).includes(needle));
    },
  };
}

/** Letters and digits that stand as they are in every URL and page. */
function longestPlainPart(local: string): string {
  const parts = local.match(/[a-z\d]+/g) ?? [];
  return parts.reduce((longest, part) => (part.length > longest.length ? part : longest), "");
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
