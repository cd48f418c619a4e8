import * as z from "zod";
import { type Answer, jsonAnswer, sandboxError } from "./answer.ts";
import type { Call } from "./call.ts";
import { faultRuleSchema } from "./fault.ts";
import { matchTemplate, type Route, type RoutedCall } from "./route.ts";
import type { Traffic } from "./traffic.ts";

/** A call that steers a sandbox in another process; such calls are neither logged nor made to fail. */
export interface Control extends Route {
  answer(call: RoutedCall): Answer;
}

/** What a control answers that has nothing to show. */
export const done = jsonAnswer({ done: true });

/** The controls that every sandbox has. */
export function trafficControls({ requests, faults }: Traffic): Control[] {
  return [
    { method: "POST", template: "/sandbox/faults", answer: ({ body }) => addFaults(faults.rules, body) },
    { method: "DELETE", template: "/sandbox/faults", answer: () => emptied(faults.rules) },
    { method: "GET", template: "/sandbox/requests", answer: () => jsonAnswer(requests) },
    { method: "DELETE", template: "/sandbox/requests", answer: () => emptied(requests) },
  ];
}

export function answerControl(controls: readonly Control[], call: Call): Answer {
  for (const control of controls) {
    const values = control.method === call.method && matchTemplate(control.template, call.path);
    if (values) return control.answer({ ...call, values });
  }
  const names = controls.map(({ method, template }) => `${method} ${template}`);
  return sandboxError(404, `The sandbox has no such control, but ${names.join(", ")}`);
}

function addFaults(rules: Traffic["faults"]["rules"], body: unknown): Answer {
  const { data, error } = z.array(faultRuleSchema).safeParse(body);
  if (error) return sandboxError(400, z.prettifyError(error));
  rules.push(...data);
  return done;
}

function emptied(array: unknown[]): Answer {
  array.length = 0;
  return done;
}
