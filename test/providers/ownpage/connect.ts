import { onTestFinished } from "vitest";
import { systemClock } from "../../../functions/platform/clock.ts";
import { createHttp } from "../../../functions/platform/http/http.ts";
import type { OwnpageConfiguration } from "../../../functions/providers/ownpage/ownpage-configuration.ts";
import { createSession, type Session } from "../../../functions/providers/ownpage/session.ts";
import type { SandboxOptions } from "../../../infra/sandbox/ownpage/sandbox-options.ts";
import { type Sandbox, startSandbox } from "../../../infra/sandbox/ownpage/start-sandbox.ts";

export const { signal } = new AbortController();
export const listId = 123;

/** A sandbox of the test's own. */
export async function sandboxWith(options: SandboxOptions): Promise<Sandbox> {
  const sandbox = await startSandbox(options);
  onTestFinished(() => sandbox.stop());
  return sandbox;
}

type Served = Pick<Sandbox, "url" | "credentials">;

/** What the provider's parts need, with retries that do not wait. */
export function optionsFor({ url, credentials }: Served, changes: Partial<OwnpageConfiguration> = {}) {
  const configuration: OwnpageConfiguration = {
    kind: "ownpage",
    baseUrl: url,
    secret: "newsletter-sync/ownpage",
    concurrency: 8,
    ...changes,
  };
  return {
    configuration,
    readSecret: async (): Promise<unknown> => credentials,
    http: createHttp({
      timeoutMs: 2_000,
      retries: 2,
      clock: { ...systemClock, wait: async () => undefined },
    }),
  };
}

export const sessionWith = (served: Served): Session => createSession(optionsFor(served));

/** The calls that a sandbox received, as `GET /token`. */
export const callsOf = (sandbox: Sandbox): string[] =>
  sandbox.requests.map(({ method, template }) => `${method} ${template}`);

export const failureOf = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => {
      throw new Error("it should have failed");
    },
    (error: Error) => error,
  );
