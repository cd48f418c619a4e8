import { Rule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { exchangePrefixes } from "../../functions/platform/storage/object-keys.ts";
import { pagedFunctions } from "../../functions/platform/storage/page-keys.ts";
import type { AnyBucket } from "./kept-bucket.ts";

export interface ReportRuleProps {
  /** Holds the reports, and tells EventBridge of new objects. */
  readonly bucket: AnyBucket;
  readonly function: IFunction;
}

/**
 * Invokes a function for each report that a run stores. By EventBridge, as a notification of S3's own would have to replace
 * those that an existing bucket has already. The pattern has two folders, so no index matches it, and no page: what the
 * function writes does not invoke it again.
 */
export class ReportRule extends Rule {
  constructor(scope: Construct, id: string, { bucket, function: invoked }: ReportRuleProps) {
    super(scope, id, {
      description: "A run has stored its report",
      eventPattern: {
        source: ["aws.s3"],
        detailType: ["Object Created"],
        detail: {
          bucket: { name: [bucket.bucketName] },
          object: { key: pagedFunctions.map((name) => ({ wildcard: keyOf(name) })) },
        },
      },
      targets: [
        // Lambda accepts it at once; what fails from then on is in the dead letters of the function.
        new LambdaFunction(invoked),
      ],
    });
  }
}

function keyOf(functionName: string): string {
  return `${exchangePrefixes.reports}${functionName}/*/*.json`;
}
