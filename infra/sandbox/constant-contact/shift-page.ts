import type { Call } from "../call.ts";
import type { Fault } from "../fault.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";

/** Shifts a page that a cursor asks for by one row if the fault says so, as if others had just changed the collection. */
export function shiftPage(call: Call, fault: Fault | undefined): Call {
  const { cursor } = call.query;
  const shift = fault?.kind === "repeatRows" ? -1 : fault?.kind === "skipRows" ? 1 : 0;
  const parameters = cursor === undefined ? undefined : decodeCursor(cursor);
  if (shift === 0 || !parameters) return call;
  return { ...call, query: { cursor: encodeCursor({ ...parameters, shift: String(shift) }) } };
}
