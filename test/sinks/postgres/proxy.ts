import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { database } from "../../sources/database.ts";

/** What becomes of the bytes that a client sends: passed on, lost with the connection, or done without an answer. */
type Fate = "passed" | "cut" | "unanswered";

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
  const proxy = createServer((client) => {
    const server = connect(database.server.port, database.server.host);
    clients.add(client);
    for (const [end, other] of [
      [client, server],
      [server, client],
    ] as const) {
      end.on("error", () => {});
      end.on("close", () => other.destroy());
    }
    let fate: Fate = "passed";
    client.on("data", (bytes) => {
      fate = fateOf(bytes);
      if (fate === "cut") return client.destroy();
      if (server.write(bytes)) return;
      client.pause();
      server.once("drain", () => client.resume());
    });
    server.on("data", (bytes) => (fate === "passed" ? client.write(bytes) : client.destroy()));
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
