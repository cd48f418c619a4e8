/** An instant as Constant Contact writes it: in whole seconds, UTC. Such texts are in order of time. */
export function wholeSecond(time: Date | string): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
