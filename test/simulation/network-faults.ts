import { Readable } from "node:stream";
import { networkFault } from "../../functions/platform/http/http-fault.ts";
import type { HttpResponse } from "../../functions/platform/http/send-request.ts";
import type { Answer } from "../../infra/sandbox/answer.ts";

/** Faults that keep a request from taking effect. */
const faultsBefore = [
  "refused",
  "reset",
  "silence",
  "unauthorized",
  "throttled",
  "throttled with Retry-After",
  "unavailable",
  "garbage",
  "wrong shape",
] as const;

/** Faults of a request that takes effect, or of its answer. */
const faultsAfter = [
  "shifted page",
  "unavailable, though it was done",
  "lost",
  "silence, though it was done",
  "late",
  "cut short",
] as const;

export const faults = [...faultsBefore, ...faultsAfter];
export type Fault = (typeof faults)[number];

export function preventsEffect(fault: Fault | undefined): boolean {
  return faultsBefore.some((name) => name === fault);
}

export function failureFor(fault: Fault): Error {
  const code = fault === "refused" ? "ECONNREFUSED" : "ECONNRESET";
  return networkFault(Object.assign(new Error(fault), { code }));
}

export function httpAnswer({ status, body, headers: own }: Answer, fault: Fault | undefined): HttpResponse {
  const headers = { ...own, ...(fault === "throttled with Retry-After" && { "retry-after": "7" }) };
  const bytes = Buffer.concat(body);
  if (fault !== "cut short") return { status, headers, body: Readable.from([bytes], { objectMode: false }) };
  return { status, headers, body: Readable.from(halfOf(bytes), { objectMode: false }) };
}

async function* halfOf(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes.subarray(0, bytes.length / 2);
  throw Object.assign(new Error("aborted"), { code: "ECONNRESET" });
}
