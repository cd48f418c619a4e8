import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { eventSource, type RunDetail, type RunEvent } from "./run-event.ts";

/** Where runs tell others how they ended. */
export interface EventBus {
  /** By one request, which is not repeated. Rejects if the event is not on the bus after `timeoutMs`. */
  put(event: RunEvent, timeoutMs: number): Promise<void>;
}

/** The bus that `EVENT_BUS` names; undefined if there is no such variable, as on a machine without an EventBridge. */
export function openEventBus(): EventBus | undefined {
  const { EVENT_BUS: bus, ENVIRONMENT: environment = "local" } = process.env;
  if (!bus) return undefined;
  const client = new EventBridgeClient({ maxAttempts: 1 });
  return {
    async put({ type, detail }, timeoutMs) {
      const told: RunDetail = { environment, ...detail };
      const entry = {
        EventBusName: bus,
        Source: eventSource,
        DetailType: type,
        Detail: JSON.stringify(told),
      };
      const abortSignal = AbortSignal.timeout(timeoutMs);
      const answer = await client.send(new PutEventsCommand({ Entries: [entry] }), { abortSignal });
      // The request may succeed although its only entry did not.
      const code = answer.Entries?.[0]?.ErrorCode;
      if (code !== undefined) throw Object.assign(new Error("the event was refused"), { name: code });
    },
  };
}
