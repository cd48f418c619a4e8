import { S3Client } from "@aws-sdk/client-s3";
import type { Change, PlanChunk } from "../../functions/domain/plan.ts";
import { type Return, returnKinds } from "../../functions/domain/return.ts";
import { readSummary } from "../../functions/planning/stored-summary.ts";
import { planSummaryKey } from "../../functions/platform/storage/object-keys.ts";
import { createObjectStore } from "../../functions/platform/storage/object-store.ts";
import { readChanges, readReturns } from "../../functions/sync-subscribers/plan-store.ts";
import { columnsOf, cut, pad, plain } from "./text-layout.ts";

/** The first rows of one direction of a plan. */
interface Shown<Row> {
  readonly rows: readonly Row[];
  /** How many the plan has altogether. */
  readonly total: number;
}

/** The beginning of a stored plan, for a person to read. */
export interface ShownPlan {
  readonly returns: Shown<Return>;
  readonly changes: Shown<Change>;
}

const changeKinds: readonly Change["kind"][] = ["unsubscribe", "update", "resubscribe", "subscribe"];

/** Reads a stored plan with the credentials and the bucket in a function's environment. */
export async function readPlan(
  environment: Readonly<Record<string, string>>,
  { list, planId, maxRows }: { readonly list: string; readonly planId: string; readonly maxRows: number },
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
    const plan = await readSummary(store, { list, planId, key: planSummaryKey(list, planId) }, new Date());
    const isReturn = ({ group }: PlanChunk) => group === "return";
    const isChange = ({ group }: PlanChunk) => group !== "return";
    return {
      returns: await firstRows(plan.chunks.filter(isReturn), maxRows, {
        read: (chunk) => readReturns(store, plan, chunk),
        orderOf: ({ tells }) => returnKinds.indexOf(tells),
      }),
      changes: await firstRows(plan.chunks.filter(isChange), maxRows, {
        read: (chunk) => readChanges(store, plan, chunk),
        orderOf: ({ kind }) => changeKinds.indexOf(kind),
      }),
    };
  } finally {
    s3.destroy();
  }
}

interface Rows<Row> {
  read(chunk: PlanChunk): Promise<Row[]>;
  orderOf(row: Row): number;
}

async function firstRows<Row extends { readonly email: string }>(
  chunks: readonly PlanChunk[],
  maxRows: number,
  { read, orderOf }: Rows<Row>,
): Promise<Shown<Row>> {
  const rows: Row[] = [];
  for (const chunk of chunks) {
    if (rows.length >= maxRows) break;
    rows.push(...(await read(chunk)));
  }
  // What is stored is only partly in order: by groups, in the order in which they are sent.
  rows.sort((one, other) => orderOf(one) - orderOf(other) || one.email.localeCompare(other.email));
  return { rows: rows.slice(0, maxRows), total: chunks.reduce((sum, { changes }) => sum + changes, 0) };
}

/**
 * Tables of what the database is told of whom and what is done to whom at the provider, with which values, and why. Where
 * one is too wide, long values are cut, and each reason stands on a line of its own.
 */
export function renderPlan({ returns, changes }: ShownPlan, width = 80): string {
  const tables = [
    table(["return", "address", "the database is told", "reason"], returns, {
      width,
      cellsOf: (row) => [row.tells, row.email, toldWith(row), row.reason],
    }),
    table(["change", "address", "fields sent", "reason"], changes, {
      width,
      cellsOf: (row) => [row.kind, row.email, sentWith(row), row.reason],
    }),
  ].filter((text) => text !== "");
  return tables.length === 0 ? `${margin}nothing to do: both sides agree` : tables.join("\n\n");
}

const margin = "  ";
const gap = "  ";

interface TableOptions<Row> {
  readonly width: number;
  cellsOf(row: Row): readonly string[];
}

function table<Row>(
  head: readonly string[],
  { rows, total }: Shown<Row>,
  { width, cellsOf }: TableOptions<Row>,
): string {
  if (total === 0) return "";
  const cells = rows.map((row) => cellsOf(row).map(plain));
  const more =
    total > rows.length ? [`${margin}… and ${(total - rows.length).toLocaleString("en-US")} more`] : [];
  return [...layOut(head, cells, width), ...more].join("\n");
}

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

/** The time is to the minute: a line is short. */
function toldWith({ cause, changedAt, fields = {} }: Return): string {
  return valuesIn({ cause, at: changedAt?.replace(/:[\d.]+Z$/, "Z"), ...fields });
}

function sentWith(change: Change): string {
  if (change.kind === "unsubscribe")
    return valuesIn({ subscribed: "false", unsubscribed_cause: change.cause });
  return valuesIn({ ...(change.kind === "resubscribe" && { subscribed: "true" }), ...change.fields });
}

function valuesIn(values: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}
