import { Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Construct } from "constructs";

export interface AlarmTopicProps {
  /** Who receives the alarms, after confirming by mail. @default nobody */
  readonly email?: string | undefined;
  /** Its policy has to let CloudWatch use it. @default none: alarms hold no address */
  readonly key?: IKey | undefined;
}

/** Where alarms are published. */
export class AlarmTopic extends Topic {
  constructor(scope: Construct, id: string, { email, key }: AlarmTopicProps) {
    super(scope, id, { enforceSSL: true, ...(key && { masterKey: key }) });
    // A topic with a policy of its own has no default policy, which would admit CloudWatch.
    this.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
        actions: ["sns:Publish"],
        resources: [this.topicArn],
        conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
      }),
    );
    if (email !== undefined) this.addSubscription(new EmailSubscription(email));
  }
}
