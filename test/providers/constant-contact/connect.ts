import { onTestFinished } from "vitest";
import type { Clock } from "../../../functions/platform/clock.ts";
import { createHttp, type Http } from "../../../functions/platform/http/http.ts";
import type { ConstantContactClient } from "../../../functions/providers/constant-contact/client.ts";
import { createConstantContactClient } from "../../../functions/providers/constant-contact/create-client.ts";
import { createSession, type SessionOptions } from "../../../functions/providers/constant-contact/session.ts";
import type { ContactSeed } from "../../../infra/sandbox/constant-contact/contact.ts";
import { dailyList, type SandboxOptions } from "../../../infra/sandbox/constant-contact/sandbox-options.ts";
import { type Sandbox, startSandbox } from "../../../infra/sandbox/constant-contact/start-sandbox.ts";
import { InMemoryStore } from "../../support/in-memory-store.ts";

export const { signal } = new AbortController();
export const secretName = "newsletter-sync/constant-contact";
export const start = Date.parse("2026-03-01T12:00:00Z");

/** A clock that only waits move, and tests. */
export class MovedClock implements Clock {
  time = start;
  readonly waits: number[] = [];

  now = (): number => this.time;

  wait = async (ms: number, signal: AbortSignal): Promise<void> => {
    const until = this.time + ms;
    this.waits.push(ms);
    await new Promise((done) => setTimeout(done));
    signal.throwIfAborted();
    this.time = Math.max(this.time, until);
  };

  after = (): (() => void) => () => undefined;
}

/** A sandbox, and what functions that use it share. */
export interface World {
  readonly sandbox: Sandbox;
  readonly clock: MovedClock;
  readonly store: InMemoryStore;
  /** What Secrets Manager holds. Mutable. */
  readonly secrets: Map<string, Record<string, string>>;
  /** What a function needs. Each call is another function. */
  options(changes?: Partial<SessionOptions>): SessionOptions & { readonly http: Http };
  /** The client of another function. */
  client(changes?: Partial<SessionOptions>): ConstantContactClient;
  /** The calls that the sandbox received, as `GET /contacts`. */
  readonly calls: string[];
}

/**
 * Starts a sandbox that lives by the world's clock, and stops it when the test ends. It has no limits per second: calls
 * that wait at the same time all move the clock before one of them arrives.
 */
export async function openWorld(options: SandboxOptions = {}): Promise<World> {
  const clock = new MovedClock();
  const unlimited = { requestsPerSecond: 1_000, tokenRequestsPerSecond: 1_000 };
  const sandbox = await startSandbox({ now: () => new Date(clock.now()), ...unlimited, ...options });
  onTestFinished(() => sandbox.stop());
  const store = new InMemoryStore();
  const secrets = new Map([[secretName, { ...sandbox.credentials } as Record<string, string>]]);
  const optionsOf: World["options"] = (changes) => ({
    configuration: {
      kind: "constant-contact",
      baseUrl: sandbox.url,
      tokenUrl: sandbox.tokenUrl,
      secret: secretName,
    },
    readSecret: async (name) => structuredClone(secrets.get(name)),
    writeSecret: async (name, value) => void secrets.set(name, value as Record<string, string>),
    store,
    clock,
    ...changes,
    http: changes?.http ?? createHttp({ timeoutMs: 2_000, retries: 4, clock }),
  });
  return {
    sandbox,
    clock,
    store,
    secrets,
    options: optionsOf,
    client: (changes) => createConstantContactClient(createSession(optionsOf(changes))),
    get calls() {
      return sandbox.requests.map(({ method, template }) => `${method} ${template}`);
    },
  };
}

export const onDaily = (email: string, seed: ContactSeed = {}): ContactSeed => ({
  email,
  list_memberships: [dailyList],
  ...seed,
});

/** What a promise yields, page after page. */
export async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const seen: T[] = [];
  for await (const page of pages) seen.push(page);
  return seen;
}

export const failureOf = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => {
      throw new Error("it should have failed");
    },
    (error: Error) => error,
  );
