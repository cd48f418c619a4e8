import {
  type App,
  type IPolicyValidationContext,
  type PolicyValidationPluginReport,
  Validations,
} from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { archivePrefixes, exchangePrefixes } from "../functions/platform/storage/object-keys.ts";
import type { Existing } from "./existing.ts";

/** A finding that is accepted, and why. */
export interface Reason {
  readonly finding: RegExp;
  /** The paths of the constructs for which it is accepted. */
  readonly at: RegExp;
  readonly reason: string;
}

const prefixes = [...Object.values(exchangePrefixes), ...Object.values(archivePrefixes)].join("|");
// The region is an expression, unless the configuration names it.
const createdBucketArn = String.raw`\{"Fn::GetStackOutput":\{[^{}]*(\{[^{}]*\}[^{}]*)?(Exchange|Archive)[^{}]*\}\}`;

/** The accepted findings. Buckets that already exist appear in them by name. */
export function reasonsWith({ exchangeBucket, archiveBucket }: Partial<Existing> = {}): readonly Reason[] {
  const names = [exchangeBucket, archiveBucket].filter((name) => name !== undefined);
  const existingBucketArns = names.map((name) => `arn:<AWS::Partition>:s3:::${name.replaceAll(".", "\\.")}`);
  const bucketArns = [createdBucketArn, ...existingBucketArns].join("|");
  return [
    {
      finding: /^AwsSolutions-S1$/,
      at: /^([a-z0-9-]+-)?NewsletterStorage\/(Exchange|Archive)\/Resource$/,
      reason:
        "Access logs would need a bucket and a retention of their own. Whether an account records who reads what " +
        "(CloudTrail's data events) should not be decided by a newsletter's deployment.",
    },
    {
      finding: /^AwsSolutions-SMG4$/,
      at: /^([a-z0-9-]+-)?NewsletterStorage\/Provider( .+\/Secret)?$/,
      reason:
        "The provider has no call that issues a key: a person renews it, and a run that fails names the secret.",
    },
    {
      finding: /^AwsSolutions-SMG4$/,
      at: /^([a-z0-9-]+-)?NewsletterStorage\/HistoryKey$/,
      reason: "With another key, nobody would be found any more in the history that was written before.",
    },
    {
      finding: /^AwsSolutions-SQS3$/,
      at: /\/DeadLetters\/Resource$/,
      reason:
        "It is itself the dead-letter queue of schedules, invocations or pushes, which the rule does not know.",
    },
    {
      finding: /^AwsSolutions-IAM5\[Resource::\*\]$/,
      at: /\/(FunctionRole|StateMachine\/Role)\/DefaultPolicy\/Resource$/,
      reason:
        "X-Ray's actions, and those of EC2 that connect a function to a network, accept no other resource.",
    },
    {
      finding: /^AwsSolutions-(APIG4|COG4)$/,
      at: /^([a-z0-9-]+-)?NewsletterPush\/Api\/Api\/Default\/pushes\/POST\/Resource$/,
      reason: "The publisher's website calls it, with an API key: there is no person to sign in.",
    },
    {
      finding: /^AwsSolutions-APIG(1|3|6)$/,
      at: /^([a-z0-9-]+-)?NewsletterPush\/Api\/Api\/DeploymentStage\.v1\/Resource$/,
      reason:
        "Logs of executions would hold bodies, and so addresses. The access log is the publisher's choice, as API Gateway " +
        "writes it only in an account that has a role for it. One website calls the API, with a key and throttled: a firewall " +
        "would cost more than all else.",
    },
    {
      finding: new RegExp(String.raw`^AwsSolutions-IAM5\[Resource::(${bucketArns})/(${prefixes})\*\]$`),
      at: /\/FunctionRole\/DefaultPolicy\/Resource$/,
      reason: "A key contains a list's name, a date or a run's id: only its prefix is known beforehand.",
    },
    {
      finding: new RegExp(
        String.raw`^AwsSolutions-IAM5\[Resource::(${bucketArns})/(reports/\*|plans/\*/plan)\.html\]$`,
      ),
      at: /\/FunctionRole\/DefaultPolicy\/Resource$/,
      reason: "A page stands beside the report or the plan that it is drawn of.",
    },
    {
      finding: /^AwsSolutions-IAM5\[Resource::<\w+Function[0-9A-F]{8}\.Arn>:\*\]$/,
      at: /\/ScheduleRole\/DefaultPolicy\/Resource$/,
      reason: "CDK lets a schedule invoke the versions of its function as well; this function has none.",
    },
    {
      finding: /^AwsSolutions-IAM5\[Resource::\{"Fn::GetStackOutput":[^[\]]+\}:\*\]$/,
      at: /\/Backfill\/StateMachine\/Role\/DefaultPolicy\/Resource$/,
      reason:
        "CDK lets a state machine invoke the versions of its functions as well; these functions have none.",
    },
    {
      finding: /^AwsSolutions-SF1$/,
      at: /\/Backfill\/StateMachine\/Resource$/,
      reason:
        "The history of each execution is kept for 90 days anyway, and to write a log takes rights to all logs of the account.",
    },
  ];
}

/** AWS's rules for good solutions, without the findings that are accepted. */
export class Checks extends AwsSolutionsChecks {
  private readonly reasons: readonly Reason[];

  constructor(app: App, existing?: Partial<Existing>) {
    super(app);
    this.reasons = reasonsWith(existing);
  }

  override validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const violations = super
      .validate(context)
      .violations.map((violation) => ({
        ...violation,
        violatingResources: violation.violatingResources.filter(
          ({ constructPath = "" }) =>
            reasonFor(this.reasons, violation.ruleName, constructPath) === undefined,
        ),
      }))
      .filter(({ violatingResources }) => violatingResources.length > 0);
    return { success: violations.length === 0, violations };
  }
}

/** CDK's own acknowledgements need a finding's whole id, which contains the outputs of other stacks. */
export function reasonFor(
  reasons: readonly Reason[],
  finding: string,
  constructPath: string,
): Reason | undefined {
  return reasons.find((reason) => reason.finding.test(finding) && reason.at.test(constructPath));
}

/** Lets the synthesis fail on every finding of AWS's rules that is not accepted. */
export function addChecks(app: App, existing?: Partial<Existing>): void {
  Validations.of(app).addPlugins(new Checks(app, existing));
}
