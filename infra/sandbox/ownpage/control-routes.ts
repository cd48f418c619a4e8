import * as z from "zod";
import { type Answer, errorAnswer, jsonAnswer, jsonPartsAnswer } from "./answer.ts";
import type { Call } from "./call.ts";
import { faultRuleSchema } from "./fault.ts";
import { jsonArray } from "./page-blocks.ts";
import { matchTemplate } from "./route.ts";
import type { SandboxServer } from "./sandbox-server.ts";
import { subscriberSeedSchema } from "./subscriber.ts";

type ControlAnswer = (server: SandboxServer, call: Call, values: Record<string, string>) => Answer;

const done = jsonAnswer({ done: true });

const controls: Record<string, ControlAnswer> = {
  "POST /sandbox/faults": ({ faults }, { body }) => {
    const { data, error } = z.array(faultRuleSchema).safeParse(body);
    if (error) return errorAnswer(400, z.prettifyError(error));
    faults.rules.push(...data);
    return done;
  },
  "DELETE /sandbox/faults": ({ faults }) => {
    faults.rules.length = 0;
    return done;
  },
  "GET /sandbox/requests": ({ requests }) => jsonAnswer(requests),
  "DELETE /sandbox/requests": ({ requests }) => {
    requests.length = 0;
    return done;
  },
  "DELETE /sandbox/tokens": ({ account }) => {
    account.tokens.expireAll();
    return done;
  },
  "PUT /sandbox/lists/LIST_ID": ({ account }, { body }, values) => {
    const { data: subscribers, error } = z.array(subscriberSeedSchema).safeParse(body);
    if (error) return errorAnswer(400, z.prettifyError(error));
    const id = listIdOf(values);
    if (Number.isNaN(id)) return errorAnswer(400, 'A list is named by its number, or "legacy"');
    const name = account.lists.get(id)?.name;
    account.replaceList({
      ...(id !== undefined && { id }),
      ...(name !== undefined && { name }),
      subscribers,
    });
    return done;
  },
  "GET /sandbox/lists/LIST_ID": ({ account }, _call, values) => {
    const list = account.lists.get(listIdOf(values));
    if (!list) return errorAnswer(404, "List not found");
    return jsonPartsAnswer(jsonArray(Array.from(list.values(), (row) => Buffer.from(JSON.stringify(row)))));
  },
};

/** "legacy" is the list without an id. */
const listIdOf = ({ LIST_ID: id }: Record<string, string>): number | undefined =>
  id === "legacy" ? undefined : Number(id);

/** Steers a sandbox that runs in a process of its own; its requests are neither logged nor made to fail. */
export function answerControl(server: SandboxServer, call: Call): Answer {
  for (const [name, answer] of Object.entries(controls)) {
    const [method, template] = name.split(" ") as [string, string];
    const values = method === call.method && matchTemplate(template, call.path);
    if (values) return answer(server, call, values);
  }
  return errorAnswer(404, `The sandbox is steered by ${Object.keys(controls).join(", ")}`);
}
