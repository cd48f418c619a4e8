import type { Answer } from "../answer.ts";
import type { Route, RoutedCall } from "../route.ts";
import type { Account } from "./account.ts";

/** A call of Constant Contact's API. */
export interface ConstantContactRoute extends Route {
  /** What the access token must allow. @default "contact_data" */
  readonly scope?: "contact_data" | "account_read";
  /** Whether it takes a form, and not JSON. @default false */
  readonly takesForm?: boolean;
  answer(call: RoutedCall, account: Account): Answer;
}
