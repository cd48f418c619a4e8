import { SecurityGroup, Subnet, Vpc } from "aws-cdk-lib/aws-ec2";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { FunctionOptions } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import type { Configuration } from "../config.ts";

/** What Lambda needs to connect a function with a VPC; EC2 lets none of it be narrowed to one VPC's name. */
export const networkStatement = new PolicyStatement({
  actions: [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
  ],
  resources: ["*"],
});

/** Where a function runs when its database is reached from within the publisher's VPC only. */
export class FunctionNetwork extends Construct {
  readonly options: Pick<FunctionOptions, "vpc" | "vpcSubnets" | "securityGroups">;

  constructor(
    scope: Construct,
    id: string,
    { vpcId, subnetIds, securityGroupIds }: NonNullable<Configuration["network"]>,
  ) {
    super(scope, id);
    this.options = {
      vpc: Vpc.fromVpcAttributes(this, "Vpc", { vpcId, availabilityZones: [] }),
      vpcSubnets: { subnets: subnetIds.map((subnet) => Subnet.fromSubnetId(this, subnet, subnet)) },
      securityGroups: securityGroupIds.map((group) => SecurityGroup.fromSecurityGroupId(this, group, group)),
    };
  }
}
