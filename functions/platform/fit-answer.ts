/** Step Functions takes 256 KB of a function's answer, and what it takes has to fit into the next event with its input. */
export const maxAnswerBytes = 128 * 1024;

/** A report as far as it fits into an answer. The largest fields are left out and named: the stored report has them. */
export function fitAnswer<Report extends object>(
  report: Report,
): Partial<Report> & { readonly leftOut?: readonly string[] } {
  const sized = Object.entries(report).map(([name, value]) => ({
    name,
    bytes: Buffer.byteLength(JSON.stringify({ [name]: value })),
  }));
  const leftOut: string[] = [];
  let total = 0;
  for (const { name, bytes } of sized.toSorted((one, other) => one.bytes - other.bytes)) {
    total += bytes;
    if (total > maxAnswerBytes) leftOut.push(name);
  }
  if (leftOut.length === 0) return report;
  const fitting = Object.entries(report).filter(([name]) => !leftOut.includes(name));
  return { ...(Object.fromEntries(fitting) as Partial<Report>), leftOut };
}
