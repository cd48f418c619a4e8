import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { database } from "../../sources/database.ts";

/**
 * What becomes of the bytes that a client sends: passed on, lost with the connection, done without an answer, or never
 * heard of again, by whatever means.
 */
type Fate = "passed" | "cut" | "unanswered" | "swallowed";

/** A way to the server, for as long as the test wants. */
export interface Proxy {
  readonly port: number;
  /** Ends all connections. */
  cut(): void;
  /** Takes no more bytes of any client. */
  pause(): void;
  resume(): void;
  stop(): void;
}

/** A proxy of the server. @param fateOf decides on the bytes of a client */
export async function startProxy(fateOf: (bytes: Buffer) => Fate = () => "passed"): Promise<Proxy> {
  const clients = new Set<Socket>();
  let isSilent = false;
  const proxy = createServer({ allowHalfOpen: true }, (client) => {
    clients.add(client);
    if (isSilent) return;
    const server = connect(database.server.port, database.server.host);
    for (const [end, other] of [
      [client, server],
      [server, client],
    ] as const) {
      end.on("error", () => {});
      end.on("close", () => other.destroy());
      end.on("end", () => isSilent || end.end());
    }
    let fate: Fate = "passed";
    client.on("data", (bytes) => {
      fate = fateOf(bytes);
      isSilent ||= fate === "swallowed";
      if (isSilent) return;
      if (fate === "cut") return client.destroy();
      if (server.write(bytes)) return;
      client.pause();
      server.once("drain", () => client.resume());
    });
    server.on("data", (bytes) => {
      if (isSilent) return;
      if (fate === "passed") client.write(bytes);
      else client.destroy();
    });
  });
  await once(proxy.listen(0, "127.0.0.1"), "listening");
  const each = (act: (client: Socket) => void) => () => clients.forEach(act);
  return {
    port: (proxy.address() as AddressInfo).port,
    cut: each((client) => client.destroy()),
    pause: each((client) => client.pause()),
    resume: each((client) => client.resume()),
    stop: () => void proxy.close(),
  };
}
