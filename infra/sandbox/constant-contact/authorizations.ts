import { createHash } from "node:crypto";

const codeMs = 300_000;

/** What a person has consented to. */
interface Authorization {
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  /** The SHA-256 of the verifier with which the code is exchanged. */
  readonly challenge: string | undefined;
  readonly at: number;
}

/** How a client proves that a code was meant for it. */
export interface CodeProof {
  readonly code: string;
  readonly redirectUri: string;
  readonly verifier: string | undefined;
}

/** The codes that stand for a person's consent: each is good for one exchange within 300 seconds. */
export class Authorizations {
  readonly #open = new Map<string, Authorization>();
  #issued = 0;

  /** @returns the code */
  add(authorization: Omit<Authorization, "at">, now: Date): string {
    const code = createHash("sha256")
      .update(`code/${++this.#issued}`)
      .digest("base64url");
    this.#open.set(code, { ...authorization, at: now.getTime() });
    return code;
  }

  /** Spends a code. @returns what it was for; undefined if it is unknown, spent, too old, or not proved */
  exchange({ code, redirectUri, verifier }: CodeProof, now: Date): Authorization | undefined {
    const open = this.#open.get(code);
    this.#open.delete(code);
    if (!open || now.getTime() - open.at > codeMs || open.redirectUri !== redirectUri) return undefined;
    return open.challenge === challengeOf(verifier) ? open : undefined;
  }
}

function challengeOf(verifier: string | undefined): string | undefined {
  return verifier === undefined ? undefined : createHash("sha256").update(verifier).digest("base64url");
}
