import {
  type App,
  type IPolicyValidationContext,
  type PolicyValidationPluginReport,
  Validations,
} from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { archivePrefixes, exchangePrefixes } from "../functions/platform/storage/object-keys.ts";
import type { Existing } from "./config.ts";

/** A finding that stands, and why. */
export interface Reason {
  readonly finding: RegExp;
  /** The paths of the constructs of which it may be found. */
  readonly at: RegExp;
  readonly reason: string;
}

const prefixes = [...Object.values(exchangePrefixes), ...Object.values(archivePrefixes)].join("|");
const createdBucketArn = String.raw`\{"Fn::GetStackOutput":\{[^{}]*\{[^{}]*\}[^{}]*(Exchange|Archive)[^{}]*\}\}`;

/** The reasons that hold where these buckets are there already: they are known by their names. */
export function reasonsWith({ exchangeBucket, archiveBucket }: Partial<Existing> = {}): readonly Reason[] {
  const names = [exchangeBucket, archiveBucket].filter((name) => name !== undefined);
  const existingBucketArns = names.map((name) => `arn:<AWS::Partition>:s3:::${name.replaceAll(".", "\\.")}`);
  const bucketArns = [createdBucketArn, ...existingBucketArns].join("|");
  return [
    {
      finding: /^AwsSolutions-S1$/,
      at: /^NewsletterStorage\/(Exchange|Archive)\/Resource$/,
      reason:
        "Access logs would need a bucket of their own, with a lifetime of its own; an account that wants to know who " +
        "read what has CloudTrail's data events, which a newsletter's deployment should not decide on.",
    },
    {
      finding: /^AwsSolutions-SMG4$/,
      at: /^NewsletterStorage\/Provider$/,
      reason:
        "The provider has no call that issues a key: a person renews it, and a refused run names the secret.",
    },
    {
      finding: /^AwsSolutions-SQS3$/,
      at: /\/DeadLetters\/Resource$/,
      reason:
        "It is the dead-letter queue, of schedules and of asynchronous invocations, which the rule does not look at.",
    },
    {
      finding: /^AwsSolutions-IAM5\[Resource::\*\]$/,
      at: /\/FunctionRole\/DefaultPolicy\/Resource$/,
      reason: "X-Ray's actions, and EC2's that connect a function with a network, take no other resource.",
    },
    {
      finding: new RegExp(String.raw`^AwsSolutions-IAM5\[Resource::(${bucketArns})/(${prefixes})\*\]$`),
      at: /\/FunctionRole\/DefaultPolicy\/Resource$/,
      reason: "A key holds a list's name, a date or a run's id: what is known of it before is its prefix.",
    },
    {
      finding: /^AwsSolutions-IAM5\[Resource::<\w+Function[0-9A-F]{8}\.Arn>:\*\]$/,
      at: /\/SchedulerRoleForTarget-\w+\/DefaultPolicy\/Resource$/,
      reason:
        "CDK lets a schedule invoke the function's versions too; of this one function, and there are none.",
    },
  ];
}

/** AWS's rules for well-made solutions, without the findings that we have a reason for. */
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

/** Here and not by CDK's own acknowledgements: those take a finding's whole id, which holds other stacks' outputs. */
export function reasonFor(
  reasons: readonly Reason[],
  finding: string,
  constructPath: string,
): Reason | undefined {
  return reasons.find((reason) => reason.finding.test(finding) && reason.at.test(constructPath));
}

/** Has the synthesis fail on whatever AWS's rules find that nobody has given a reason for. */
export function addChecks(app: App, existing?: Partial<Existing>): void {
  Validations.of(app).addPlugins(new Checks(app, existing));
}
