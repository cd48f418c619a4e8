/** The encodings of which any bytes are a text, so that reading UTF-8 as one of them fails nowhere. */
const oneByteEncoding = /^(windows-|iso-8859-|koi8-|ibm866|macintosh|x-mac-)/;
/** In windows-1252 and its like these are a capital Ã and a sign: no word has them. Other pairs may be a capital and a dash. */
const latinLetters = /[\u00e0-\u00ff]/;
const beyondAscii = /[^\0-\x7f]/gu;
const enoughCharacters = 3;

/**
 * Watches the bytes of a file that is said to be in a one-byte encoding. They are UTF-8 after all if all of them can be
 * read so and some characters take several bytes: what is written in a one-byte encoding hardly ever can.
 */
export class Utf8Suspicion {
  #decoder: InstanceType<typeof TextDecoder> | undefined;
  #characters = 0;
  #hasLatinLetter = false;
  #isMarked: boolean | undefined;

  /** @param encoding as `TextDecoder` calls it */
  constructor(encoding: string) {
    if (oneByteEncoding.test(encoding))
      this.#decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  }

  /** Whether the bytes begin with UTF-8's byte order mark. */
  get isMarked(): boolean {
    return this.#isMarked === true;
  }

  add(bytes: Uint8Array): void {
    this.#weigh(bytes, true);
  }

  /** Whether the bytes, of which there are no more, are UTF-8. */
  isConfirmed(): boolean {
    this.#weigh(new Uint8Array(), false);
    if (this.#decoder === undefined) return false;
    return this.isMarked || this.#hasLatinLetter || this.#characters >= enoughCharacters;
  }

  #weigh(bytes: Uint8Array, stream: boolean): void {
    try {
      const text = this.#decoder?.decode(bytes, { stream }) ?? "";
      if (text !== "") this.#isMarked ??= text.startsWith("\ufeff");
      this.#hasLatinLetter ||= latinLetters.test(text);
      this.#characters += text.match(beyondAscii)?.length ?? 0;
    } catch {
      this.#decoder = undefined;
    }
  }
}
