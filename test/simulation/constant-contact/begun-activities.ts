import type { Answer } from "../../../infra/sandbox/answer.ts";
import type { Account } from "../../../infra/sandbox/constant-contact/account.ts";
import { type ActivityState, terminalStates } from "../../../infra/sandbox/constant-contact/activity.ts";
import type { ListName } from "./random-account.ts";

interface Begun {
  readonly id: string;
  readonly invocation: string;
  readonly list: ListName;
  readonly at: number;
}

/** After so long a run no longer waits for an activity of an earlier one. */
const givenUpMs = 3 * 3_600_000;

/** The activities that invocations began, as only the provider knows them. */
export class BegunActivities {
  readonly #account: Account;
  readonly #begun: Begun[] = [];

  constructor(account: Account) {
    this.#account = account;
  }

  /** The provider has accepted one. */
  onBegun(invocation: string, list: ListName, { body }: Answer): void {
    const { activity_id: id } = JSON.parse(Buffer.concat(body).toString());
    this.#begun.push({ id, invocation, list, at: this.#account.now().getTime() });
  }

  /** Those of other invocations for a list that are not over. @param since earlier ones may be forgotten */
  unfinished(invocation: string, list: ListName, since: number): readonly Begun[] {
    const now = this.#account.now();
    const states = new Map(this.#account.activities.values(now).map(({ id, state }) => [id, state]));
    const isOver = (state: ActivityState | undefined) => terminalStates.some((one) => one === state);
    return this.#begun.filter(
      (one) =>
        one.invocation !== invocation &&
        one.list === list &&
        one.at >= Math.max(since, now.getTime() - givenUpMs) &&
        !isOver(states.get(one.id)),
    );
  }
}
