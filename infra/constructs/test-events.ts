import { Stack } from "aws-cdk-lib";
import { CfnSchema } from "aws-cdk-lib/aws-eventschemas";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from "aws-cdk-lib/custom-resources";
import { Construct } from "constructs";

/** Where Lambda's console looks for the shared events of an account. */
const registryName = "lambda-testevent-schemas";

/**
 * Makes sure that the registry is there. There is one per account and region, for all functions in it: Lambda's console
 * creates it when someone shares an event, and so may another environment. So it is created only if it is missing, and
 * never removed.
 */
export class TestEventRegistry extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const logGroup = new LogGroup(this, "Logs", { retention: RetentionDays.THREE_MONTHS });
    // CDK's own role could write every log of the account.
    const role = new Role(this, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
    logGroup.grantWrite(role);
    const registryArn = Stack.of(this).formatArn({
      service: "schemas",
      resource: "registry",
      resourceName: registryName,
    });
    const create = {
      service: "schemas",
      action: "CreateRegistry",
      parameters: { RegistryName: registryName, Description: "Shareable test events of Lambda functions" },
      ignoreErrorCodesMatching: "ConflictException",
      physicalResourceId: PhysicalResourceId.of(registryName),
    };
    new AwsCustomResource(this, "Registry", {
      onUpdate: create,
      policy: AwsCustomResourcePolicy.fromStatements([
        new PolicyStatement({ actions: ["schemas:CreateRegistry"], resources: [registryArn] }),
      ]),
      installLatestAwsSdk: false,
      role,
      logGroup,
    });
  }
}

export interface TestEventsProps {
  readonly function: IFunction;
  /** By the name that the console shows. */
  readonly events: Readonly<Record<string, object>>;
}

/** The events that the console offers under "Test". */
export class TestEvents extends Construct {
  constructor(scope: Construct, id: string, props: TestEventsProps) {
    super(scope, id);
    const examples = Object.entries(props.events).map(([name, value]) => [name, { value }]);
    new CfnSchema(this, "Schema", {
      registryName,
      // The console finds a function's events by this name.
      schemaName: `_${props.function.functionName}-schema`,
      type: "OpenApi3",
      content: JSON.stringify({
        openapi: "3.0.0",
        info: { version: "1.0.0", title: "Event" },
        paths: {},
        components: { schemas: { Event: { type: "object" } }, examples: Object.fromEntries(examples) },
      }),
    });
  }
}
