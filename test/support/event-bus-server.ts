import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { type RunDetail, runDetailSchema } from "../../functions/platform/run-event.ts";

/** An event as a rule of EventBridge sees it. */
export interface BusEvent {
  readonly source: string;
  readonly "detail-type": string;
  readonly detail: RunDetail;
}

export type BusFault = "status 500" | "refused entry" | "no answer";

export interface EventBusServer {
  /** For the environment of a function. */
  readonly environment: Readonly<Record<string, string>>;
  readonly events: BusEvent[];
  /** How many requests there were. */
  readonly requests: number;
  fault: BusFault | undefined;
  stop(): Promise<void>;
}

interface PutEvents {
  readonly Entries: readonly {
    readonly EventBusName: string;
    readonly Source: string;
    readonly DetailType: string;
    readonly Detail: string;
  }[];
}

/** An EventBridge on this machine that takes what runs put on its default bus, if it is what their documentation says. */
export async function startEventBus(environment = "production"): Promise<EventBusServer> {
  const events: BusEvent[] = [];
  let requests = 0;
  const server = createServer(async (request, response) => {
    requests++;
    const { Entries } = (await json(request)) as PutEvents;
    if (bus.fault === "no answer") return;
    if (bus.fault === "status 500") return void response.writeHead(500).end("{}");
    if (bus.fault === "refused entry") {
      const refused = { FailedEntryCount: 1, Entries: [{ ErrorCode: "ThrottlingException" }] };
      return void response.end(JSON.stringify(refused));
    }
    for (const { EventBusName, Source, DetailType, Detail } of Entries) {
      if (EventBusName !== "default") throw new Error(`there is no bus ${EventBusName}`);
      events.push({
        source: Source,
        "detail-type": DetailType,
        detail: runDetailSchema.parse(JSON.parse(Detail)),
      });
    }
    response.end(
      JSON.stringify({ FailedEntryCount: 0, Entries: Entries.map((_, n) => ({ EventId: `${n}` })) }),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const bus: EventBusServer = {
    environment: {
      AWS_ENDPOINT_URL_EVENTBRIDGE: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      EVENT_BUS: "default",
      ENVIRONMENT: environment,
    },
    events,
    get requests() {
      return requests;
    },
    fault: undefined,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
  return bus;
}
