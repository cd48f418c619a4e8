import type { StackProps } from "aws-cdk-lib";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Configuration } from "../config.ts";
import type { AnyBucket } from "../constructs/kept-bucket.ts";

/** What the stack of every job is told. */
export interface JobStackProps extends StackProps {
  readonly configuration: Configuration;
  /** Where plans, imports, locks and reports are kept. */
  readonly exchangeBucket: AnyBucket;
  /** Who is told when something is wrong. */
  readonly alarmTopic: ITopic;
}
