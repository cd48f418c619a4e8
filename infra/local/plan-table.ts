import { stripVTControlCharacters } from "node:util";
import { S3Client } from "@aws-sdk/client-s3";
import type { Change } from "../../functions/domain/plan.ts";
import { createObjectStore } from "../../functions/platform/storage/object-store.ts";
import { readChanges, readSummary } from "../../functions/sync-subscribers/plan-store.ts";

/** The first changes of a stored plan, for a person to read. */
export interface ShownPlan {
  readonly changes: readonly Change[];
  /** How many changes the plan has in all. */
  readonly total: number;
}

const kinds: readonly Change["kind"][] = ["unsubscribe", "update", "resubscribe", "subscribe"];

function orderOf({ kind }: Change): number {
  return kinds.indexOf(kind);
}

/** Reads a stored plan with what the function itself had in its environment. */
export async function readPlan(
  environment: Readonly<Record<string, string>>,
  { list, planId, most }: { list: string; planId: string; most: number },
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
    const summary = await readSummary(store, { list, planId }, new Date());
    const changes: Change[] = [];
    for (let chunk = 0; chunk < summary.chunks.length && changes.length < most; chunk++) {
      changes.push(...(await readChanges(store, summary, chunk)));
    }
    const total = summary.chunks.reduce((sum, chunk) => sum + chunk.changes, 0);
    // A plan has no order but that who wants no more mail comes first.
    changes.sort((one, other) => orderOf(one) - orderOf(other) || one.email.localeCompare(other.email));
    return { changes: changes.slice(0, most), total };
  } finally {
    s3.destroy();
  }
}

/** A table with a line for each change: what is done to whom, what is sent, and why. */
export function renderPlan({ changes, total }: ShownPlan): string {
  if (total === 0) return "  nothing to do: both sides agree";
  const rows = changes.map((change) =>
    [change.kind, change.email, sentWith(change), change.reason].map(plain),
  );
  const head = ["change", "address", "sent with it", "because"];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (row: readonly string[]) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ")}`.trimEnd();
  const rule = line(widths.map((width) => "─".repeat(width)));
  const more = total > rows.length ? [`  … and ${(total - rows.length).toLocaleString("en-US")} more`] : [];
  return [line(head), rule, ...rows.map(line), ...more].join("\n");
}

function sentWith(change: Change): string {
  if (change.kind === "unsubscribe") return `subscribed=false unsubscribed_cause=${change.cause}`;
  const fields = Object.entries(change.fields).map(([name, value]) => `${name}=${value}`);
  return [...(change.kind === "resubscribe" ? ["subscribed=true"] : []), ...fields].join(" ");
}

/** Values come from a database: none of them may move the cursor. */
function plain(text: string): string {
  const visible = stripVTControlCharacters(text).replace(/\p{Cc}/gu, " ");
  return visible.length > 60 ? `${visible.slice(0, 59)}…` : visible;
}
