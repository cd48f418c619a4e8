import { CredentialError } from "../domain/errors.ts";

/** Asks for a token. @param refused one that no longer works, if there is one */
export type TokenRequest = (signal: AbortSignal, refused?: string) => Promise<string>;

interface Renewal {
  readonly token: Promise<string>;
  /** The signal of the call that began it. */
  readonly signal: AbortSignal;
}

/** A token that is kept until a call finds that it no longer works, and then renewed once for all callers. */
export class RenewedToken {
  readonly #request: TokenRequest;
  #token: string | undefined;
  #renewal: Renewal | undefined;
  #failure: CredentialError | undefined;

  /** @param request a CredentialError that it throws is final */
  constructor(request: TokenRequest) {
    this.#request = request;
  }

  /**
   * The current token, or a new one if that is the one that was `refused`. However many calls wait for it, one
   * request is made; when the call that began the request is aborted, another begins it anew.
   *
   * @throws CredentialError when the credentials were refused, now or earlier: they are not sent again; and
   *   whatever the request throws
   */
  async get(signal: AbortSignal, refused?: string): Promise<string> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#token !== undefined && this.#token !== refused) return this.#token;
      this.#renewal ??= { token: this.#renew(signal, refused).finally(this.#endRenewal), signal };
      const renewal = this.#renewal;
      try {
        return await renewal.token;
      } catch (error) {
        if (signal.aborted || !renewal.signal.aborted) throw error;
      }
    }
  }

  async #renew(signal: AbortSignal, refused: string | undefined): Promise<string> {
    try {
      this.#token = await this.#request(signal, refused);
      return this.#token;
    } catch (error) {
      if (error instanceof CredentialError) this.#failure = error;
      throw error;
    }
  }

  readonly #endRenewal = (): void => {
    this.#renewal = undefined;
  };
}
