import { RemovalPolicy } from "aws-cdk-lib";
import { CfnRegistry, CfnSchema } from "aws-cdk-lib/aws-eventschemas";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";

/** Where Lambda's console looks for the shared events of an account. */
const registryName = "lambda-testevent-schemas";

/** There is one per account and region, for all functions in it. So it outlives our stack. */
export class TestEventRegistry extends CfnRegistry {
  constructor(scope: Construct, id: string) {
    super(scope, id, { registryName, description: "Shareable test events of Lambda functions" });
    this.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
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
