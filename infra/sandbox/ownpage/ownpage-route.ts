import type { Answer } from "../answer.ts";
import type { Route, RoutedCall } from "../route.ts";
import type { Account } from "./account.ts";

/** A call of Ownpage's API. */
export interface OwnpageRoute extends Route {
  /** Needs no client token. @default false */
  readonly isOpen?: boolean;
  answer(call: RoutedCall, account: Account): Answer | Promise<Answer>;
}
