import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createOutdir } from "./example.ts";
import { outline } from "./outline.ts";
import { synthesise } from "./synthesise.ts";
import { propertiesOf } from "./template.ts";

const templates = synthesise();
const { push } = synthesise({ push: { accessLog: true } });

test("the stacks of the example are those of the reviewed snapshot", async () => {
  const outlines = Object.entries(templates).map(([name, template]) => `# ${name}\n\n${outline(template)}\n`);
  await expect(outlines.join("\n")).toMatchFileSnapshot("stacks.snapshot.txt");
});

test("the stack of pushes is that of the reviewed snapshot, and is there only if the configuration has it", async () => {
  await expect(`${outline(push)}\n`).toMatchFileSnapshot("push-stack.snapshot.txt");
  expect(Object.keys(templates)).not.toContain("push");
});

describe("the alarms", () => {
  const alarms = [...Object.values(templates), push].flatMap((template) =>
    propertiesOf("AWS::CloudWatch::Alarm", template),
  );
  const runbook = readFileSync(new URL("../../docs/runbook.md", import.meta.url), "utf8");
  const headings = [...runbook.matchAll(/^## (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, "")
      .replaceAll(" ", "-"),
  );

  test.each(alarms.map((alarm) => [alarm.AlarmName, alarm]))(
    "%s: links to a heading of the runbook",
    (_, alarm) => {
      const [, meaning, heading] = /^(.+\.) docs\/runbook\.md#([\w-]+)$/.exec(alarm.AlarmDescription) ?? [];
      expect(meaning).toBeDefined();
      expect(headings).toContain(heading);
    },
  );

  test("each have a unique name and a topic", () => {
    const names = alarms.map(({ AlarmName }) => AlarmName);
    expect(names).toEqual([...new Set(names)]);
    for (const { AlarmActions, InsufficientDataActions } of alarms) {
      expect([AlarmActions, InsufficientDataActions].flat().filter(Boolean)).toHaveLength(1);
    }
  });

  test("can fire: within CloudWatch's limits, and in one period unless it is silence that they tell", () => {
    for (const { Period, Metrics = [], EvaluationPeriods, TreatMissingData } of alarms) {
      const isQuery = Metrics.some(({ Expression = "" }) => Expression.startsWith("SELECT "));
      const period = Period ?? Metrics[0].Period;
      // A query of Metrics Insights looks back no further.
      expect(period * EvaluationPeriods).toBeLessThanOrEqual((isQuery ? 3 : 7 * 24) * 3600);
      if (TreatMissingData !== "missing") expect(EvaluationPeriods).toBe(1);
    }
  });

  test("send nothing while nothing has run yet", () => {
    for (const { TreatMissingData, InsufficientDataActions } of alarms) {
      // An alarm begins with insufficient data, and notifies when it changes.
      expect(["missing", "notBreaching"]).toContain(TreatMissingData);
      expect(InsufficientDataActions !== undefined).toBe(TreatMissingData === "missing");
    }
  });
});

const linter = "cfn-lint";
const isInstalled = (process.env["PATH"] ?? "").split(":").some((folder) => existsSync(join(folder, linter)));

test.skipIf(!isInstalled)("cfn-lint finds nothing (skipped if it is not installed)", () => {
  const folder = createOutdir();
  const files = Object.entries({ ...templates, push }).map(([name, template]) => {
    const file = join(folder, `${name}.template.json`);
    writeFileSync(file, JSON.stringify(template.toJSON()));
    return file;
  });
  // CDK adds a DependsOn that a Ref already implies.
  const output = execFileSync(linter, ["--ignore-checks", "W3005", "--", ...files], { encoding: "utf8" });
  expect(output).toBe("");
});
