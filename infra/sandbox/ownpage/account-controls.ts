import * as z from "zod";
import { type Answer, jsonPartsAnswer, sandboxError } from "../answer.ts";
import { type Control, done } from "../control.ts";
import type { RoutedCall } from "../route.ts";
import type { Account } from "./account.ts";
import { jsonArray } from "./page-blocks.ts";
import { subscriberSeedSchema } from "./subscriber.ts";

/** Controls that expire the account's tokens, and that show and replace its lists. */
export function accountControls(account: Account): Control[] {
  return [
    { method: "DELETE", template: "/sandbox/tokens", answer: () => expireTokens(account) },
    { method: "PUT", template: "/sandbox/lists/LIST_ID", answer: (call) => replaceList(account, call) },
    { method: "GET", template: "/sandbox/lists/LIST_ID", answer: (call) => showList(account, call) },
  ];
}

function expireTokens({ tokens }: Account): Answer {
  tokens.expireAll();
  return done;
}

function replaceList(account: Account, { body, values }: RoutedCall): Answer {
  const { data: subscribers, error } = z.array(subscriberSeedSchema).safeParse(body);
  if (error) return sandboxError(400, z.prettifyError(error));
  const id = listIdOf(values);
  if (Number.isNaN(id)) return sandboxError(400, 'a list is named by its number, or "legacy"');
  const name = account.lists.get(id)?.name;
  account.replaceList({ ...(id !== undefined && { id }), ...(name !== undefined && { name }), subscribers });
  return done;
}

function showList({ lists }: Account, { values }: RoutedCall): Answer {
  const list = lists.get(listIdOf(values));
  if (!list) return sandboxError(404, "the sandbox has no such list");
  return jsonPartsAnswer(jsonArray(Array.from(list.values(), (row) => Buffer.from(JSON.stringify(row)))));
}

/** "legacy" is the list without an id. */
function listIdOf({ LIST_ID: id }: RoutedCall["values"]): number | undefined {
  return id === "legacy" ? undefined : Number(id);
}
