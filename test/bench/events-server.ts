import { once } from "node:events";
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream";

/** A provider that serves one file of events to anyone: the sandbox would have to generate it row by row. */

const [file = "", path = ""] = process.argv.slice(2);
const bytes = statSync(file).size;

const server = createServer((request, response) => {
  request.resume();
  if (request.url === "/v1/token") {
    response.writeHead(200, { "content-type": "application/json" }).end('{"token":"token"}');
  } else if (request.url === path) {
    response.writeHead(200, { "content-type": "text/csv", "content-length": bytes });
    pipeline(createReadStream(file, { highWaterMark: 1 << 18 }), response, () => undefined);
  } else {
    response.writeHead(404).end();
  }
}).listen(0, "127.0.0.1");
await once(server, "listening");
process.once("disconnect", () => process.exit(0));
process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
