import { onTestFinished } from "vitest";
import { createHttp } from "../../../functions/platform/http.ts";
import type { OwnpageConfiguration } from "../../../functions/providers/ownpage/schema.ts";
import { createSession, type Session } from "../../../functions/providers/ownpage/session.ts";
import type { SandboxOptions } from "../../../infra/local/sandbox/sandbox-options.ts";
import { type Sandbox, startSandbox } from "../../../infra/local/sandbox/start-sandbox.ts";

export const { signal } = new AbortController();
export const listId = 123;

/** A sandbox of the test's own. */
export async function sandboxWith(options: SandboxOptions): Promise<Sandbox> {
  const sandbox = await startSandbox(options);
  onTestFinished(() => sandbox.stop());
  return sandbox;
}

function configurationOf(
  { url }: { url: string },
  changes: Partial<OwnpageConfiguration> = {},
): OwnpageConfiguration {
  return { kind: "ownpage", baseUrl: url, secret: "newsletter-sync/ownpage", concurrency: 8, ...changes };
}

/** What the provider's parts need, with retries that wait for nothing. */
export function optionsFor(sandbox: Sandbox, changes: Partial<OwnpageConfiguration> = {}) {
  return {
    configuration: configurationOf(sandbox, changes),
    readSecret: async (): Promise<unknown> => sandbox.credentials,
    http: createHttp({ timeoutMs: 2_000, retries: 2, sleep: async () => undefined }),
  };
}

export const sessionWith = (sandbox: Sandbox): Session => createSession(optionsFor(sandbox));

/** The calls that a sandbox got, as `GET /token`. */
export const callsOf = (sandbox: Sandbox): string[] =>
  sandbox.requests.map(({ method, template }) => `${method} ${template}`);

export const failureOf = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => {
      throw new Error("it should have failed");
    },
    (error: Error) => error,
  );
