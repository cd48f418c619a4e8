import { S3Client } from "@aws-sdk/client-s3";
import type { Change } from "../../functions/domain/plan.ts";
import { readSummary } from "../../functions/planning/stored-summary.ts";
import { planSummaryKey } from "../../functions/platform/storage/object-keys.ts";
import { createObjectStore } from "../../functions/platform/storage/object-store.ts";
import { readChanges } from "../../functions/sync-subscribers/plan-store.ts";
import { columnsOf, cut, pad, plain } from "./text-layout.ts";

/** The first changes of a stored plan, for a person to read. */
export interface ShownPlan {
  readonly changes: readonly Change[];
  /** How many changes the plan has altogether. */
  readonly total: number;
}

const kindsInOrder: readonly Change["kind"][] = ["unsubscribe", "update", "resubscribe", "subscribe"];

function orderOf({ kind }: Change): number {
  return kindsInOrder.indexOf(kind);
}

/** Reads a stored plan with the credentials and the bucket in a function's environment. */
export async function readPlan(
  environment: Readonly<Record<string, string>>,
  {
    list,
    planId,
    maxChanges,
  }: { readonly list: string; readonly planId: string; readonly maxChanges: number },
): Promise<ShownPlan> {
  const { AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "", AWS_SESSION_TOKEN: sessionToken } = environment;
  const s3 = new S3Client({
    region: environment["AWS_REGION"] ?? "eu-west-3",
    endpoint: environment["AWS_ENDPOINT_URL_S3"] ?? "",
    forcePathStyle: true,
    credentials: {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      ...(sessionToken && { sessionToken }),
    },
  });
  try {
    const store = createObjectStore(s3, environment["EXCHANGE_BUCKET"] ?? "");
    const summary = await readSummary(store, { list, planId, key: planSummaryKey(list, planId) }, new Date());
    const changes: Change[] = [];
    for (const chunk of summary.chunks) {
      if (changes.length >= maxChanges) break;
      changes.push(...(await readChanges(store, summary, chunk)));
    }
    const total = summary.chunks.reduce((sum, chunk) => sum + chunk.changes, 0);
    // A stored plan is only partly in order: by groups, in the order in which they are sent.
    changes.sort((one, other) => orderOf(one) - orderOf(other) || one.email.localeCompare(other.email));
    return { changes: changes.slice(0, maxChanges), total };
  } finally {
    s3.destroy();
  }
}

/**
 * A table of what is done to whom, what is sent, and why. Where it is too wide, long values are cut, and each reason
 * stands on a line of its own.
 */
export function renderPlan({ changes, total }: ShownPlan, width = 80): string {
  if (total === 0) return `${margin}nothing to do: both sides agree`;
  const rows = changes.map((change) =>
    [change.kind, change.email, sentWith(change), change.reason].map(plain),
  );
  const more =
    total > rows.length ? [`${margin}… and ${(total - rows.length).toLocaleString("en-US")} more`] : [];
  return [...layOut(["change", "address", "fields sent", "reason"], rows, width), ...more].join("\n");
}

const margin = "  ";
const gap = "  ";

function layOut(head: readonly string[], rows: readonly (readonly string[])[], width: number): string[] {
  const natural = head.map((title, column) =>
    Math.max(...[title, ...rows.map((row) => row[column]!)].map(columnsOf)),
  );
  if (rule(natural).length <= width) {
    return [lineOf(head, natural), rule(natural), ...rows.map((row) => lineOf(row, natural))];
  }
  const [kind = 0, address = 0, fields = 0] = natural;
  const left = width - margin.length - kind - 2 * gap.length;
  const addressWidth = Math.min(address, Math.max(Math.floor(left / 2), left - fields));
  const widths = [kind, addressWidth, Math.min(fields, left - addressWidth)];
  const indent = " ".repeat(margin.length + kind + gap.length);
  const twoLinesOf = (row: readonly string[]) => [
    lineOf(row, widths),
    `${indent}${cut(row[3]!, width - indent.length)}`,
  ];
  return [...twoLinesOf(head), rule(widths), ...rows.flatMap(twoLinesOf)];
}

function lineOf(cells: readonly string[], widths: readonly number[]): string {
  return `${margin}${widths.map((size, column) => pad(cells[column]!, size)).join(gap)}`.trimEnd();
}

function rule(widths: readonly number[]): string {
  return `${margin}${widths.map((size) => "─".repeat(size)).join(gap)}`;
}

function sentWith(change: Change): string {
  if (change.kind === "unsubscribe") return `subscribed=false unsubscribed_cause=${change.cause}`;
  const fields = Object.entries(change.fields).map(([name, value]) => `${name}=${value}`);
  return [...(change.kind === "resubscribe" ? ["subscribed=true"] : []), ...fields].join(" ");
}
