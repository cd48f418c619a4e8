import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

export interface ScriptedServer {
  readonly url: string;
  /** The bodies of the requests, in order. */
  readonly bodies: string[];
  readonly urls: string[];
}

/** A server that gives these answers in order, and the last of them from then on. */
export async function scriptedServer(...answers: Answer[]): Promise<ScriptedServer> {
  const bodies: string[] = [];
  const urls: string[] = [];
  const server = createServer(async (request, response) => {
    const answer = answers[Math.min(urls.length, answers.length - 1)]!;
    urls.push(request.url ?? "");
    bodies.push(await text(request).catch(() => ""));
    answer(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies, urls };
}

export const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));

export const plain =
  (body: string, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(200, headers).end(body);

export const status = (code: number, headers: Record<string, string> = {}): Answer => json({}, code, headers);

export const reset: Answer = (response) => (response.socket as Socket).resetAndDestroy();

export const hang: Answer = () => undefined;

/** Declares ten bytes more than it sends. */
export const cut =
  (body: string): Answer =>
  (response) => {
    response.writeHead(200, { "content-length": body.length + 10 });
    response.write(body, () => response.socket?.destroy());
  };
