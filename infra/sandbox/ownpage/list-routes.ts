import * as z from "zod";
import { type Answer, jsonAnswer, jsonPartsAnswer } from "../answer.ts";
import type { RoutedCall } from "../route.ts";
import type { Account } from "./account.ts";
import { errorAnswer } from "./error-answer.ts";
import type { OwnpageRoute } from "./ownpage-route.ts";
import type { SubscriberList } from "./subscriber-list.ts";
import { deleteRows, writeRows } from "./write-rows.ts";

type ListAnswer = (list: SubscriberList, call: RoutedCall, account: Account) => Answer;

const blank = z.literal("").transform(() => undefined);
const wholeNumber = z.string().regex(/^\d+$/).transform(Number);
const statusSchema = z.enum(["subscribed", "unsubscribed", "all"]);

const pageSchema = z.object({
  status: blank.or(statusSchema).optional(),
  offset: blank.or(wholeNumber).optional(),
  count: blank.or(wholeNumber.pipe(z.number().min(1).max(10_000))).optional(),
  search: z.string().optional(),
  exact: blank.or(z.enum(["true", "false"])).optional(),
});

/** The lists, and the calls on one of them: by its id or, without one, on the implicit list of the legacy API. */
export const listRoutes: OwnpageRoute[] = [
  { method: "GET", template: "/newsletters/lists", answer: (_call, account) => showLists(account) },
  ...["/newsletters/lists/LIST_ID", "/newsletters"].flatMap((base): OwnpageRoute[] => [
    { method: "GET", template: `${base}/subscribers/count`, answer: onList(showCount) },
    { method: "GET", template: `${base}/subscribers`, answer: onList(showPage) },
    { method: "POST", template: `${base}/subscribers`, answer: onList(writeRows) },
  ]),
  {
    method: "POST",
    template: "/newsletters/lists/LIST_ID/subscribers/delete",
    answer: onList(deleteRows),
  },
  {
    method: "DELETE",
    template: "/newsletters/lists/LIST_ID/subscribers/all",
    answer: onList(clearList),
  },
];

function onList(answer: ListAnswer): OwnpageRoute["answer"] {
  return (call, account) => {
    const { LIST_ID: id } = call.values;
    const list = account.lists.get(id === undefined ? undefined : Number(id));
    return list ? answer(list, call, account) : errorAnswer(404, "List not found");
  };
}

function showLists({ lists }: Account): Answer {
  const shown = [...lists.values()].filter(({ id }) => id !== undefined);
  return jsonAnswer(
    shown.map(({ id, name, createdAt, updatedAt }) => ({
      id,
      name,
      created_at: createdAt,
      updated_at: updatedAt,
    })),
  );
}

function showCount(list: SubscriberList, _call: RoutedCall, { options }: Account): Answer {
  const { subscribed, ...others } = list.counts();
  return jsonAnswer({ subscribed: subscribed + options.countDifference, ...others });
}

function showPage(list: SubscriberList, { query }: RoutedCall): Answer {
  const { data, error } = pageSchema.safeParse(query);
  if (error) return errorAnswer(400, `Invalid parameter: ${error.issues[0]?.path.join(".")}`);
  const { status = "subscribed", offset = 0, count = 1_000, search, exact } = data;
  const range = { status, offset, count };
  return jsonPartsAnswer(search ? list.search(range, search, exact === "true") : list.page(range));
}

function clearList(list: SubscriberList, { query }: RoutedCall): Answer {
  const { data } = statusSchema.safeParse(query["status"]);
  if (!data) return errorAnswer(400, "Invalid parameter: status");
  return jsonAnswer({ report: { errors: [], nb_deleted: list.clear(data) } });
}
