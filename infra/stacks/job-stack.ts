import type { StackProps } from "aws-cdk-lib";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Configuration } from "../config.ts";
import type { AnyBucket } from "../constructs/kept-bucket.ts";

/** What the stack of every job needs. */
export interface JobStackProps extends StackProps {
  readonly configuration: Configuration;
  /** Holds plans, imports, returns, locks, memory and reports. */
  readonly exchangeBucket: AnyBucket;
  /** Where alarms are published. */
  readonly alarmTopic: ITopic;
}
