import { Stack } from "aws-cdk-lib";
import {
  AccessLogField,
  AccessLogFormat,
  ApiKey,
  AwsIntegration,
  type CfnModel,
  EndpointType,
  type IntegrationOptions,
  LogGroupLogDestination,
  PassthroughBehavior,
  RestApi,
  type StageOptions,
} from "aws-cdk-lib/aws-apigateway";
import { Grant, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { Configuration } from "../config.ts";
import { nameIn } from "../environment.ts";
import { pushModel } from "../push-model.ts";
import { grantSending } from "./grants.ts";

export interface PushApiProps {
  readonly configuration: Configuration;
  readonly push: NonNullable<Configuration["push"]>;
  readonly queue: IQueue;
}

const json = "application/json";

/** Sends the body as it came. `messageGroupOf` makes the same group. */
const sendMessage = [
  "#set($reader = $input.path('$.email').trim().toLowerCase())",
  "#set($list = $input.path('$.list'))",
  '#set($kind = "")',
  `#if("$input.path('$.optIn')" == "true")#set($kind = "optIn ")#end`,
  '#set($group = $util.base64Encode("$kind$reader $list"))',
  "#if($group.length() > 128)#set($group = $group.substring(0, 128))#end",
  "Action=SendMessage&MessageGroupId=$util.urlEncode($group)&MessageBody=$util.urlEncode($input.body)",
].join("\n");

/** What a website calls. It writes each message into the queue itself: there is nothing between them that could be down. */
export class PushApi extends Construct {
  readonly url: string;
  readonly key: ApiKey;
  readonly api: RestApi;

  constructor(scope: Construct, id: string, { configuration, push, queue }: PushApiProps) {
    super(scope, id);
    const throttle = { rateLimit: push.requestsPerSecond, burstLimit: push.burst };
    this.api = new RestApi(this, "Api", {
      restApiName: nameIn(configuration.environment, "newsletter-pushes"),
      description: "Takes one reader's change at once",
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: false,
      deployOptions: {
        stageName: "v1",
        throttlingRateLimit: throttle.rateLimit,
        throttlingBurstLimit: throttle.burstLimit,
        tracingEnabled: true,
        ...this.accessLog(push.accessLog),
      },
    });
    const validator = this.api.addRequestValidator("Validator", {
      validateRequestBody: true,
      validateRequestParameters: true,
    });
    const model = this.api.addModel("Message", { contentType: json, schema: {} });
    // CDK's own type of a schema knows less than JSON Schema does.
    (model.node.defaultChild as CfnModel).schema = pushModel(Object.keys(configuration.lists));
    const pushes = this.api.root.addResource("pushes");
    pushes.addMethod("POST", this.sendTo(queue, configuration), {
      apiKeyRequired: true,
      requestValidator: validator,
      requestModels: { [json]: model },
      methodResponses: [{ statusCode: "202" }, { statusCode: "503" }],
    });
    this.key = new ApiKey(this, "Key", { description: "For the website that pushes changes" });
    const plan = this.api.addUsagePlan("Plan", { throttle });
    plan.addApiKey(this.key);
    plan.addApiStage({ stage: this.api.deploymentStage });
    this.url = this.api.urlForPath("/pushes");
  }

  private sendTo(queue: IQueue, configuration: Configuration): AwsIntegration {
    const role = new Role(this, "Role", { assumedBy: new ServicePrincipal("apigateway.amazonaws.com") });
    Grant.addToPrincipal({ grantee: role, actions: ["sqs:SendMessage"], resourceArns: [queue.queueArn] });
    grantSending(role, configuration);
    const options: IntegrationOptions = {
      credentialsRole: role,
      passthroughBehavior: PassthroughBehavior.NEVER,
      requestParameters: {
        "integration.request.header.Content-Type": "'application/x-www-form-urlencoded'",
      },
      requestTemplates: { [json]: sendMessage },
      integrationResponses: [
        { statusCode: "202", responseTemplates: { [json]: '{"message":"accepted"}' } },
        {
          statusCode: "503",
          selectionPattern: "[45]\\d{2}",
          responseTemplates: { [json]: '{"message":"not accepted: send it again"}' },
        },
      ],
    };
    const path = `${Stack.of(this).account}/${queue.queueName}`;
    return new AwsIntegration({ service: "sqs", path, integrationHttpMethod: "POST", options });
  }

  /** When, how long and with what outcome: nothing of the body, and not who called. */
  private accessLog(isWanted: boolean): StageOptions {
    if (!isWanted) return {};
    const logGroup = new LogGroup(this, "AccessLog", { retention: RetentionDays.THREE_MONTHS });
    const fields = {
      request: AccessLogField.contextRequestId(),
      time: AccessLogField.contextRequestTime(),
      status: AccessLogField.contextStatus(),
      latencyMs: AccessLogField.contextResponseLatency(),
      queueStatus: AccessLogField.contextIntegrationStatus(),
      key: AccessLogField.contextIdentityApiKeyId(),
    };
    return {
      accessLogDestination: new LogGroupLogDestination(logGroup),
      accessLogFormat: AccessLogFormat.custom(JSON.stringify(fields)),
    };
  }
}
