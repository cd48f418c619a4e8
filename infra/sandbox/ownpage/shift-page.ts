import type { Call } from "../call.ts";
import type { Fault } from "../fault.ts";

/** Shifts the offset of a page by one row if the fault says so, as if a row had just been inserted or deleted. */
export function shiftPage(call: Call, fault: Fault | undefined): Call {
  const shift = fault?.kind === "repeatRows" ? -1 : fault?.kind === "skipRows" ? 1 : 0;
  if (shift === 0) return call;
  const offset = Math.max(Number(call.query["offset"] ?? 0) + shift, 0);
  return { ...call, query: { ...call.query, offset: String(offset) } };
}
