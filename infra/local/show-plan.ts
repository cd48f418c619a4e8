import { styleText } from "node:util";
import { type RenderOptions, renderPlan } from "../../functions/planning/render-plan.ts";
import type { StoredPlan } from "./stored-plan.ts";
import { widthOf } from "./width-of.ts";

type Role = Parameters<NonNullable<RenderOptions["paint"]>>[0];

const colours: Readonly<Record<Role, Parameters<typeof styleText>[0]>> = {
  headline: "bold",
  kept: "bold",
  reason: "dim",
  return: ["bold", "blue"],
  optOut: ["bold", "red"],
  unsubscribe: ["bold", "red"],
  missing: ["bold", "red"],
  subscribe: ["bold", "green"],
  resubscribe: ["bold", "green"],
  update: ["bold", "yellow"],
  fill: ["bold", "yellow"],
};

/** A plan as a stream shows it: as wide as that is, and in colours if it is a terminal that has them. */
export function showPlan({ plan, samples }: Omit<StoredPlan, "notes">, stream: NodeJS.WriteStream): string {
  const paint = (role: Role, text: string) => styleText(colours[role], text, { stream });
  return renderPlan(plan, samples, { width: widthOf(stream), paint });
}
