/** The same bytes at the beginning of an array of twice the length, or of `least` if that is more. */
export function enlarged(bytes: Uint8Array, least: number): Uint8Array {
  const larger = new Uint8Array(Math.max(2 * bytes.length, least));
  larger.set(bytes);
  return larger;
}
