import { CfnOutput, Stack } from "aws-cdk-lib";
import { Construct } from "constructs";
import { exchangePrefixes } from "../../functions/platform/storage/object-keys.ts";
import { indexKey } from "../../functions/platform/storage/page-keys.ts";
import { goodShowEvent } from "../../functions/show-runs/event.ts";
import { grantKeys, grantListing, grantObjects, grantPrefixes } from "../constructs/grants.ts";
import { JobFunction } from "../constructs/job-function.ts";
import { ReportRule } from "../constructs/report-rule.ts";
import { TestEvents } from "../constructs/test-events.ts";
import type { JobStackProps } from "./job-stack.ts";

/** The pages that a person reads of runs: one function, which each stored report invokes. */
export class PagesStack extends Stack {
  constructor(scope: Construct, id: string, props: JobStackProps) {
    const { configuration, exchangeBucket, deadLetters, alarms: _, ...stackProps } = props;
    super(scope, id, stackProps);
    const within = new Construct(this, "ShowRuns");
    const shown = new JobFunction(within, "Function", {
      name: "show-runs",
      configuration,
      environment: { EXCHANGE_BUCKET: exchangeBucket.bucketName },
      deadLetters,
    });
    grantKeys(shown, configuration);
    const { reports, plans } = exchangePrefixes;
    grantPrefixes(shown, exchangeBucket, { [reports]: "read", [plans]: "read" });
    grantObjects(shown, exchangeBucket, {
      [`${reports}*.html`]: "write",
      [indexKey]: "write",
      [`${plans}*/plan.html`]: "write",
    });
    grantListing(shown, exchangeBucket);
    new ReportRule(within, "ReportStored", { bucket: exchangeBucket, function: shown });
    new TestEvents(within, "TestEvents", {
      function: shown,
      events: { "draw-a-run": goodShowEvent, "draw-the-index-anew": { rebuild: true } },
    });
    new CfnOutput(this, "ShowRunsFunction", { value: shown.functionName });
  }
}
