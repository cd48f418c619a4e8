import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Duration, type Size } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, type CfnFunction, Runtime, Tracing } from "aws-cdk-lib/aws-lambda";
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import { type BundlingOptions, NodejsFunction } from "aws-cdk-lib/aws-lambda-nodejs";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { configurationFile } from "../../functions/platform/environment.ts";
import { metricNamespace } from "../../functions/platform/metric-names.ts";
import { bundlingOptions } from "../bundling.ts";
import { type Configuration, type FunctionName, functionConfiguration } from "../config.ts";
import { nameIn } from "../environment.ts";
import { functionEnvironment } from "../function-environment.ts";

export interface JobFunctionProps {
  /** The job's folder under `functions/`, which is its name in reports. */
  readonly name: FunctionName;
  /** Sets memory, timeout and network; the function's share of it is stored as a file beside its bundle. */
  readonly configuration: Configuration;
  /** What is only known at deployment: the names of the buckets. */
  readonly environment: Readonly<Record<string, string>>;
  /** Receives the invocations that failed or were never delivered. @default nothing does: whoever invokes it sees the outcome */
  readonly deadLetters?: IQueue;
  /** The size of /tmp. @default 512 MiB, which are free of charge */
  readonly ephemeralStorage?: Size;
}

const projectRoot = fileURLToPath(new URL("../..", import.meta.url));

/** What Lambda does in the function's name to connect it to a VPC; it must be allowed for all resources. */
const networkActions = [
  "ec2:AssignPrivateIpAddresses",
  "ec2:CreateNetworkInterface",
  "ec2:DeleteNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:UnassignPrivateIpAddresses",
];

/** A job's function with this project's defaults. It may write its own log and tell the bus how its runs end, and nothing else. */
export class JobFunction extends NodejsFunction {
  constructor(scope: Construct, id: string, props: JobFunctionProps) {
    const { name, configuration, environment, deadLetters, ephemeralStorage } = props;
    const { memoryMb, timeoutMinutes } = configuration.functions[name];
    const logGroup = new LogGroup(scope, `${id}Logs`, { retention: RetentionDays.THREE_MONTHS });
    // CDK's own role could write every log of the account.
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
    logGroup.grantWrite(role);
    super(scope, id, {
      entry: join(projectRoot, "functions", name, "handler.ts"),
      projectRoot,
      depsLockFilePath: join(projectRoot, "package-lock.json"),
      bundling: bundlingWith(functionConfiguration(configuration, name)),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: memoryMb,
      timeout: Duration.minutes(timeoutMinutes),
      ...(ephemeralStorage && { ephemeralStorageSize: ephemeralStorage }),
      // No reserved concurrency: locks and conditional writes make overlapping runs harmless, and a new account, whose
      // limit is 10, cannot reserve any and would fail to deploy.
      tracing: Tracing.ACTIVE,
      logGroup,
      role,
      environment: {
        ...functionEnvironment,
        // Its name in logs and metrics.
        POWERTOOLS_SERVICE_NAME: nameIn(configuration.environment, name),
        POWERTOOLS_METRICS_NAMESPACE: nameIn(configuration.environment, metricNamespace),
        ...environment,
      },
      // The schedule's next run is the retry.
      retryAttempts: 0,
      maxEventAge: Duration.hours(1),
      ...(deadLetters && { onFailure: new SqsDestination(deadLetters) }),
    });
    if (configuration.network) this.connectTo(configuration.network);
  }

  /** Sets CloudFormation's own property: CDK's asks for the VPC's zones, which Lambda does not need. */
  private connectTo({ subnetIds, securityGroupIds }: NonNullable<Configuration["network"]>): void {
    this.addToRolePolicy(new PolicyStatement({ actions: networkActions, resources: ["*"] }));
    (this.node.defaultChild as CfnFunction).vpcConfig = { subnetIds, securityGroupIds };
  }
}

/**
 * Writes the configuration beside the bundle. It is passed in an environment variable, so that no shell has to quote it,
 * and so that CDK distinguishes bundles that differ in nothing else.
 */
function bundlingWith(configuration: unknown): BundlingOptions {
  const write = "require('node:fs').writeFileSync(process.argv[1], process.env.FUNCTION_CONFIGURATION)";
  return {
    ...bundlingOptions,
    environment: { FUNCTION_CONFIGURATION: JSON.stringify(configuration, null, 2) },
    commandHooks: {
      beforeBundling: () => [],
      beforeInstall: () => [],
      afterBundling: (_, outputDir) => [`node -e "${write}" "${outputDir}/${configurationFile}"`],
    },
  };
}
