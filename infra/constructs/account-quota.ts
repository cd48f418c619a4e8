import { Duration } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  MathExpression,
  Metric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { accountDimension, accountRequests, metricNamespace } from "../../functions/platform/metric-names.ts";
import type { FunctionName } from "../config.ts";
import { linkTo, runbookHeadings } from "./runbook.ts";

export interface AccountQuotaProps {
  /** The name of the account's secret, as in its metrics. */
  readonly account: string;
  /** How many requests a day the provider answers. */
  readonly requestsPerDay: number;
  readonly topic: ITopic;
  /** The path or URL of the runbook. @default docs/runbook.md */
  readonly runbook?: string | undefined;
}

/** Every function that sends requests to a list's account. */
const functions: readonly FunctionName[] = ["sync-subscribers", "import-subscribers"];
const warnAtPercent = 80;

/** Fires if the runs of all lists of an account, of every function, sent most of the requests that it has a day. */
export class AccountQuota extends Construct {
  readonly alarm: Alarm;

  constructor(scope: Construct, id: string, { account, requestsPerDay, topic, runbook }: AccountQuotaProps) {
    super(scope, id);
    this.alarm = new Alarm(this, "NearlyUsed", {
      metric: usedPercent(account, requestsPerDay),
      alarmName: `${account}: the day's requests are nearly used up`,
      alarmDescription:
        `Runs sent ${warnAtPercent} % of the ${requestsPerDay} requests that the provider answers a day. When they are ` +
        "used up, subscriptions and unsubscriptions on one side do not reach the other until midnight, UTC. " +
        linkTo(runbookHeadings.quotaNearlyUsed, runbook),
      threshold: warnAtPercent,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    this.alarm.addAlarmAction(new SnsAction(topic));
  }
}

/** How much of an account's quota was used within a day, by all of its lists and functions. */
export function usedPercent(account: string, requestsPerDay: number): MathExpression {
  const period = Duration.days(1);
  const requests = functions.map((service, index) => {
    const dimensionsMap = { service, [accountDimension]: account };
    const metric = { namespace: metricNamespace, metricName: accountRequests, dimensionsMap };
    return [`m${index}`, new Metric({ ...metric, period, statistic: "Sum" })] as const;
  });
  // A function that did not run that day has no value, and would leave the sum without one.
  const sum = requests.map(([name]) => `FILL(${name},0)`).join("+");
  return new MathExpression({
    expression: `100*(${sum})/${requestsPerDay}`,
    usingMetrics: Object.fromEntries(requests),
    label: account,
    period,
  });
}
