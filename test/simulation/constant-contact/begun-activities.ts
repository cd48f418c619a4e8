import type { Answer } from "../../../infra/sandbox/answer.ts";
import type { Account } from "../../../infra/sandbox/constant-contact/account.ts";
import { type ActivityState, terminalStates } from "../../../infra/sandbox/constant-contact/activity.ts";
import type { ListName } from "./random-account.ts";

interface Begun {
  readonly id: string;
  readonly invocation: string;
  readonly list: ListName;
  readonly at: number;
  /** Whom an import names. */
  readonly emails: readonly string[];
}

/** After so long a run no longer waits for an activity of an earlier one. */
const givenUpMs = 3 * 3_600_000;

/** The activities that invocations began, as only the provider knows them. */
export class BegunActivities {
  readonly #account: Account;
  readonly #begun: Begun[] = [];
  /** Whose import failed though it named nobody else, as a run was told: it may set such a row aside. */
  readonly failedAlone = new Set<string>();

  constructor(account: Account) {
    this.#account = account;
  }

  /** The provider has accepted one. */
  onBegun(invocation: string, { list, emails }: Pick<Begun, "list" | "emails">, { body }: Answer): void {
    const { activity_id: id } = JSON.parse(Buffer.concat(body).toString());
    this.#begun.push({ id, invocation, list, emails, at: this.#account.now().getTime() });
  }

  /** A run is told how one stands. */
  onShown({ body }: Answer): void {
    const { activity_id, state } = JSON.parse(Buffer.concat(body).toString());
    if (state === "completed" || !isOver(state)) return;
    const { emails = [] } = this.#begun.find(({ id }) => id === activity_id) ?? {};
    if (emails.length === 1) this.failedAlone.add(emails[0]!.toLowerCase());
  }

  /** Those of other invocations for a list that are not over. @param since earlier ones may be forgotten */
  unfinished(invocation: string, list: ListName, since: number): readonly Begun[] {
    const now = this.#account.now();
    const states = new Map(this.#account.activities.values(now).map(({ id, state }) => [id, state]));
    return this.#begun.filter(
      (one) =>
        one.invocation !== invocation &&
        one.list === list &&
        one.at >= Math.max(since, now.getTime() - givenUpMs) &&
        !isOver(states.get(one.id)),
    );
  }
}

function isOver(state: ActivityState | undefined): boolean {
  return terminalStates.some((one) => one === state);
}
