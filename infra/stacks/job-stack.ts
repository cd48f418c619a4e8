import type { StackProps } from "aws-cdk-lib";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { Configuration } from "../config.ts";
import type { AnyBucket } from "../constructs/kept-bucket.ts";

/** What the stack of every job needs. */
export interface JobStackProps extends StackProps {
  readonly configuration: Configuration;
  /** Holds plans, imports, returns, locks, memory, reports and the last successes. */
  readonly exchangeBucket: AnyBucket;
  /** Receives the events that failed or could not be delivered, of all functions. */
  readonly deadLetters: IQueue;
  /** The names of the deployment's alarms, for the job's dashboard. */
  readonly alarms: readonly string[];
}
