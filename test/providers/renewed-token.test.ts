import { expect, test } from "vitest";
import { CredentialError } from "../../functions/domain/errors.ts";
import { RenewedToken } from "../../functions/providers/renewed-token.ts";

const { signal } = new AbortController();

/** Requests that a test answers one by one, in the order in which they are made. */
function createRequests() {
  const waiting: PromiseWithResolvers<string>[] = [];
  const token = new RenewedToken((signal) => {
    const request = Promise.withResolvers<string>();
    signal.addEventListener("abort", () => request.reject(signal.reason));
    waiting.push(request);
    return request.promise;
  });
  return { token, waiting };
}

test("a token is asked for once, however many calls wait for it, and then kept", async () => {
  const { token, waiting } = createRequests();
  const calls = [token.get(signal), token.get(signal), token.get(signal)];
  waiting[0]!.resolve("first");
  expect(await Promise.all(calls)).toEqual(["first", "first", "first"]);
  expect(await token.get(signal)).toBe("first");
  expect(waiting).toHaveLength(1);
});

test("a refused token is renewed once; a call that was refused an older one gets the new one", async () => {
  const { token, waiting } = createRequests();
  const first = token.get(signal);
  waiting[0]!.resolve("first");
  await first;
  const calls = [token.get(signal, "first"), token.get(signal, "first")];
  waiting[1]!.resolve("second");
  expect(await Promise.all(calls)).toEqual(["second", "second"]);
  expect(await token.get(signal, "first")).toBe("second");
  expect(waiting).toHaveLength(2);
});

test("when the call that began a renewal is aborted, another begins it anew for the rest", async () => {
  const { token, waiting } = createRequests();
  const aborted = new AbortController();
  const first = token.get(aborted.signal);
  const others = [token.get(signal), token.get(signal)];
  const reason = new Error("aborted");
  aborted.abort(reason);
  await expect(first).rejects.toBe(reason);
  expect(waiting).toHaveLength(2);
  waiting[1]!.resolve("token");
  expect(await Promise.all(others)).toEqual(["token", "token"]);
});

test("a failure is every waiting call's, and the next call begins anew", async () => {
  const { token, waiting } = createRequests();
  const calls = [token.get(signal), token.get(signal)];
  waiting[0]!.reject(new Error("down"));
  for (const call of calls) await expect(call).rejects.toThrow("down");
  const next = token.get(signal);
  waiting[1]!.resolve("token");
  expect(await next).toBe("token");
});

test("credentials that are refused are not sent again", async () => {
  const { token, waiting } = createRequests();
  const first = token.get(signal);
  waiting[0]!.reject(new CredentialError("newsletter-sync/provider", "it is refused"));
  await expect(first).rejects.toThrow(CredentialError);
  await expect(token.get(signal)).rejects.toThrow(CredentialError);
  expect(waiting).toHaveLength(1);
});
