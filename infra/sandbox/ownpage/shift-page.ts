import type { Call } from "../call.ts";
import type { Fault } from "../fault.ts";

/** The call as a provider would read it whose rows moved just before: a fault of paging shifts the offset. */
export function shiftPage(call: Call, fault: Fault | undefined): Call {
  const shift = fault?.kind === "repeatRows" ? -1 : fault?.kind === "skipRows" ? 1 : 0;
  if (shift === 0) return call;
  const offset = Math.max(Number(call.query["offset"] ?? 0) + shift, 0);
  return { ...call, query: { ...call.query, offset: String(offset) } };
}
