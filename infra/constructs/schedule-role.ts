import { Stack } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import type { Configuration } from "../config.ts";
import { grantSending } from "./grants.ts";

/** For a job's schedules. CDK lets it invoke the function, and send what it could not deliver to the dead letters. */
export class ScheduleRole extends Role {
  constructor(scope: Construct, id: string, configuration: Configuration) {
    const stack = Stack.of(scope);
    const schedules = { service: "scheduler", resource: "schedule-group", resourceName: "default" };
    super(scope, id, {
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        conditions: {
          StringEquals: { "aws:SourceAccount": stack.account, "aws:SourceArn": stack.formatArn(schedules) },
        },
      }),
    });
    grantSending(this, configuration);
  }
}
