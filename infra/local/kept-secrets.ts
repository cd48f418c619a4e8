import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import * as z from "zod";

const keptSchema = z.record(
  z.string(),
  z.object({
    value: z.string(),
    /** The SHA-256 of the value that a person had given, and that this one replaces. */
    given: z.string().optional(),
  }),
);

/** What functions on this machine wrote into secrets, in a file of its own: the person's file stays as it is. */
export class KeptSecrets {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  get names(): string[] {
    return Object.keys(this.#read());
  }

  /**
   * The value that counts: the one that was written, or the given one once that is another than it was then.
   *
   * @param given what a person has given; undefined if nothing
   */
  choose(name: string, given: string | undefined): string | undefined {
    const kept = this.#read()[name];
    if (kept === undefined || given === undefined) return kept?.value ?? given;
    // Written before anything was given: from now on, another given value replaces it.
    if (kept.given === undefined) this.keep(name, kept.value, given);
    return kept.given === undefined || kept.given === hashOf(given) ? kept.value : given;
  }

  /** @param given as in `choose`; undefined to keep what is known of it */
  keep(name: string, value: string, given?: string): void {
    // Read anew: another process may have written meanwhile.
    const all = this.#read();
    const hash = given === undefined ? all[name]?.given : hashOf(given);
    mkdirSync(dirname(this.#file), { recursive: true });
    // Whole or not at all: half a file would lose a token that is good for one use only.
    const draft = `${this.#file}.${process.pid}`;
    const entry = { value, ...(hash !== undefined && { given: hash }) };
    writeFileSync(draft, JSON.stringify({ ...all, [name]: entry }, null, 2), { mode: 0o600 });
    renameSync(draft, this.#file);
  }

  #read(): z.infer<typeof keptSchema> {
    try {
      return keptSchema.parse(JSON.parse(readFileSync(this.#file, "utf8")));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
      // No cause: it may quote a secret.
      throw new Error(`${this.#file} cannot be read: delete it, and authorise anew where it had tokens`);
    }
  }
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
