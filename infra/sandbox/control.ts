import * as z from "zod";
import { type Answer, jsonAnswer, sandboxError } from "./answer.ts";
import type { Call } from "./call.ts";
import { faultRuleSchema } from "./fault.ts";
import { matchTemplate, type Route, type RoutedCall } from "./route.ts";
import type { Traffic } from "./traffic.ts";

/** A call that controls a sandbox in another process. Such calls are not logged, and no fault is injected. */
export interface Control extends Route {
  answer(call: RoutedCall): Answer;
}

/** The answer of a control that has nothing to show. */
export const done = jsonAnswer({ done: true });

/** Controls that every sandbox has: its faults and its log of requests. */
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
  return sandboxError(404, `There is no such control; the controls are ${names.join(", ")}`);
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
