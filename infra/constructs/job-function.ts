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
import { functionEnvironment } from "../function-environment.ts";

export interface JobFunctionProps {
  /** The job's folder under `functions/`: its name in logs, metrics and reports. */
  readonly name: FunctionName;
  /** Says what the function gets of Lambda; its own share of it stands as a file beside its bundle. */
  readonly configuration: Configuration;
  /** What is known at deployment only: the buckets' names. */
  readonly environment: Readonly<Record<string, string>>;
  /** Receives the invocations that failed, and those that waited for the function in vain. */
  readonly deadLetters: IQueue;
  /** What it may write to /tmp. @default 512 MiB, which cost nothing */
  readonly ephemeralStorage?: Size;
}

const projectRoot = fileURLToPath(new URL("../..", import.meta.url));

/** What Lambda does in the function's name to connect it with a VPC; it has to be allowed on every resource. */
const networkActions = [
  "ec2:AssignPrivateIpAddresses",
  "ec2:CreateNetworkInterface",
  "ec2:DeleteNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:UnassignPrivateIpAddresses",
];

/** One job's function, with the defaults of the house; it may write its own log, and nothing else. */
export class JobFunction extends NodejsFunction {
  constructor(scope: Construct, id: string, props: JobFunctionProps) {
    const { name, configuration, environment, deadLetters, ephemeralStorage } = props;
    const { memoryMb, timeoutMinutes } = configuration.functions[name];
    const logGroup = new LogGroup(scope, `${id}Logs`, { retention: RetentionDays.THREE_MONTHS });
    // Not the role that CDK makes, which may write every log of the account.
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
      // No reserved concurrency: a list's lock and the archive's conditional writes make an overlap harmless, and
      // a young account, whose limit is 10, can not reserve any and fails to deploy.
      tracing: Tracing.ACTIVE,
      logGroup,
      role,
      environment: {
        ...functionEnvironment,
        POWERTOOLS_SERVICE_NAME: name,
        POWERTOOLS_METRICS_NAMESPACE: metricNamespace,
        ...environment,
      },
      // The next run of the schedule is the retry.
      retryAttempts: 0,
      maxEventAge: Duration.hours(1),
      onFailure: new SqsDestination(deadLetters),
    });
    if (configuration.network) this.connectTo(configuration.network);
  }

  /** By CDK's lower layer: the upper one asks for the VPC's zones, which Lambda has no use for. */
  private connectTo({ subnetIds, securityGroupIds }: NonNullable<Configuration["network"]>): void {
    this.addToRolePolicy(new PolicyStatement({ actions: networkActions, resources: ["*"] }));
    (this.node.defaultChild as CfnFunction).vpcConfig = { subnetIds, securityGroupIds };
  }
}

/**
 * Writes the configuration beside the bundle. It travels as a variable of the bundling: no shell has to quote
 * it, and CDK knows bundles apart that differ in nothing else.
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
