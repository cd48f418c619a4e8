import type { Sandbox } from "../../../infra/sandbox/ownpage/start-sandbox.ts";

/** Calls as curl would make them: no retries, no new token. */
export interface Connection {
  readonly token: string;
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** The answer's JSON, whatever its status. */
  read(path: string): Promise<unknown>;
  write(rows: unknown, path?: string): Promise<unknown>;
}

/** Gets a token and calls the sandbox with it. */
export async function connect(sandbox: Sandbox): Promise<Connection> {
  const { client, apiKey } = sandbox.credentials;
  const query = new URLSearchParams({ username: client, password: apiKey });
  const { token } = (await (await fetch(`${sandbox.url}/token?${query}`)).json()) as { token: string };
  const send: Connection["send"] = (method, path, body, headers = {}) =>
    fetch(`${sandbox.url}${path}`, {
      method,
      headers: { "X-Ownpage-Client-Token": token, ...headers },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
  return {
    token,
    send,
    read: async (path) => (await send("GET", path)).json(),
    write: async (rows, path = "/newsletters/lists/123/subscribers") =>
      (await send("POST", path, rows)).json(),
  };
}
