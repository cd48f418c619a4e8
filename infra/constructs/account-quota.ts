import { Duration } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type GraphWidget,
  MathExpression,
  Metric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { accountDimension, accountRequests, metricNamespace } from "../../functions/platform/metric-names.ts";
import { dailyQuotaOf } from "../../functions/providers/provider-configuration.ts";
import { type Configuration, type FunctionName, providerAccounts } from "../config.ts";
import { nameIn } from "../environment.ts";
import { graph } from "./job-dashboard.ts";
import { linkTo, runbookHeadings } from "./runbook.ts";

/** An account whose provider answers only so many requests a day. */
export interface Quota {
  /** The name of the account's secret, as in its metrics. */
  readonly account: string;
  readonly requestsPerDay: number;
  /** Where its runs are deployed. */
  readonly environment: string;
  /** The names of the functions that send requests to it. */
  readonly services: readonly string[];
}

export interface QuotaAlarmProps extends Quota {
  readonly topic: ITopic;
  /** The subject of the mail. */
  readonly title: string;
  /** The path or URL of the runbook. @default docs/runbook.md */
  readonly runbook?: string | undefined;
}

/** Every function that sends requests to a list's account. */
const functions: readonly FunctionName[] = ["sync-subscribers", "import-subscribers"];
const warnAtPercent = 80;

export function quotasIn(configuration: Configuration): Quota[] {
  const { environment, push } = configuration;
  const names: readonly FunctionName[] = push === undefined ? functions : [...functions, "push-changes"];
  const services = names.map((name) => nameIn(environment, name));
  return providerAccounts(configuration).flatMap((provider) => {
    const requestsPerDay = dailyQuotaOf(provider);
    return requestsPerDay === undefined
      ? []
      : [{ account: provider.secret, requestsPerDay, environment, services }];
  });
}

/** Fires if the runs of all lists of an account, of every function, sent most of the requests that it has a day. */
export class QuotaAlarm extends Alarm {
  constructor(scope: Construct, id: string, { topic, title, runbook, ...quota }: QuotaAlarmProps) {
    const { requestsPerDay } = quota;
    super(scope, id, {
      metric: usedPercent(quota),
      alarmName: title,
      alarmDescription:
        `Runs sent ${warnAtPercent} % of the ${requestsPerDay} requests that the provider answers a day. When they are ` +
        "used up, subscriptions and unsubscriptions on one side do not reach the other until midnight, UTC. " +
        linkTo(runbookHeadings.quotaNearlyUsed, runbook),
      threshold: warnAtPercent,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    this.addAlarmAction(new SnsAction(topic));
  }
}

/** How much of their quotas accounts use within a day; undefined if none has one. */
export function quotaGraph(configuration: Configuration): GraphWidget | undefined {
  const used = quotasIn(configuration).map(usedPercent);
  return used.length === 0 ? undefined : graph("Used of the day's requests (%)", used);
}

/**
 * How much of an account's quota was used within a day, by all of its lists and functions.
 *
 * @param position among those of one graph
 */
function usedPercent(
  { account, requestsPerDay, environment, services }: Quota,
  position = 0,
): MathExpression {
  const period = Duration.days(1);
  const requests = services.map((service, index) => {
    const dimensionsMap = { service, [accountDimension]: account };
    const metric = {
      namespace: nameIn(environment, metricNamespace),
      metricName: accountRequests,
      dimensionsMap,
    };
    return [`m${position}_${index}`, new Metric({ ...metric, period, statistic: "Sum" })] as const;
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
