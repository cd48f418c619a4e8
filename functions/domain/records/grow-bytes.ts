/** A copy of `bytes` with room behind them: twice their length, or `minimumLength` if that is more. */
export function growBytes(bytes: Uint8Array, minimumLength: number): Uint8Array {
  const larger = new Uint8Array(Math.max(2 * bytes.length, minimumLength));
  larger.set(bytes);
  return larger;
}
