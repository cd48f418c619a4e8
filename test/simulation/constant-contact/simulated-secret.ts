import type { Account } from "../../../infra/sandbox/constant-contact/account.ts";
import type { Chance } from "../chance.ts";
import type { Invocation } from "../invocation.ts";
import { S3Failure } from "../simulated-bucket.ts";
import type { SimulatedTime } from "../simulated-time.ts";

/** The account's secret in Secrets Manager. A write may fail, before or after its work. */
export class SimulatedSecret {
  failureRate = 0;
  /** All tokens that there were. */
  readonly tokens = new Set<string>();
  readonly #chance: Chance;
  readonly #time: SimulatedTime;
  readonly #account: Account;
  #value: Readonly<Record<string, string>>;

  constructor(chance: Chance, time: SimulatedTime, account: Account) {
    this.#chance = chance;
    this.#time = time;
    this.#account = account;
    this.#value = { ...account.options.credentials };
  }

  /** A person authorises the application anew. */
  connect(): void {
    const { tokens, options } = this.#account;
    const { clientId, clientSecret } = options.credentials;
    const { refreshToken } = tokens.grant(options.scopes, this.#account.now());
    this.#value = { clientId, clientSecret, refreshToken: refreshToken! };
  }

  accessFor(invocation: Invocation) {
    return {
      readSecret: async () => {
        await this.#pass(invocation);
        return structuredClone(this.#value);
      },
      writeSecret: async (_name: string, value: unknown) => {
        await this.#pass(invocation);
        if (this.#chance.happens(this.failureRate / 2)) throw new S3Failure("the secret was not written");
        this.#value = value as Record<string, string>;
        for (const token of [this.#value["accessToken"], this.#value["refreshToken"]])
          this.tokens.add(token!);
        await this.#pass(invocation);
        if (this.#chance.happens(this.failureRate / 2))
          throw new S3Failure("no answer, though it was written");
      },
    };
  }

  async #pass(invocation: Invocation): Promise<void> {
    await invocation.step();
    await this.#time.wait(this.#chance.between(5, 40));
    await invocation.step();
  }
}
