import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse, request as sendRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { startLocalAws } from "../../infra/local/local-aws.ts";
import type { Call } from "./policy.ts";

export const account = { region: "eu-west-3", id: "000000000000" };

export interface GuardedAws {
  /** The endpoints, and what Lambda itself puts into a function's environment. */
  readonly environment: Record<string, string>;
  readonly buckets: { readonly exchange: string; readonly archive: string };
  /** The S3 without its guard, for a test's own objects. */
  readonly unguardedS3: string;
  /** The calls since the policy was last set, and those of them that were denied. */
  readonly calls: readonly Call[];
  readonly denied: readonly Call[];
  /** Sets the policy. @default deny everything */
  allow(policy: (call: Call) => boolean): void;
  stop(): Promise<void>;
}

/** Starts an S3, a Secrets Manager and an EventBridge that, like AWS, deny what a policy does not allow. */
export async function startGuardedAws(secrets: Record<string, unknown>): Promise<GuardedAws> {
  const aws = await startLocalAws({ variables: { AWS_REGION: account.region }, secrets });
  const { EXCHANGE_BUCKET = "", ARCHIVE_BUCKET = "", ...lambda } = aws.environment;
  const { AWS_ENDPOINT_URL_S3: s3 = "", AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager = "" } = lambda;
  const calls: Call[] = [];
  const denied: Call[] = [];
  let isAllowed = (_: Call) => false;
  const check = (...needed: readonly Call[]): boolean => {
    const refused = needed.filter((call) => !isAllowed(call));
    calls.push(...needed);
    denied.push(...refused);
    return refused.length === 0;
  };

  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const target = String(request.headers["x-amz-target"] ?? "");
    if (target === "AWSEvents.PutEvents") return answerEvents(response, check(eventsCall(body)));
    const isSecret = target !== "";
    const call = isSecret ? secretCall(request, body) : s3Call(request);
    // A write on condition of the present content needs the right to read it.
    const reading = request.headers["if-match"] ? [{ ...call, action: "s3:GetObject" }] : [];
    const answer = check(call, ...reading)
      ? await forward(isSecret ? secretsManager : s3, request, body)
      : undefined;
    // Without the right to list, one does not learn that an object does not exist.
    const isMissing = answer?.statusCode === 404;
    if (
      answer !== undefined &&
      (!isMissing || check({ action: "s3:ListBucket", resource: bucketOf(call) }))
    ) {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    } else {
      answer?.resume();
      response.writeHead(isSecret ? 400 : 403, { "x-amzn-errortype": "AccessDeniedException" });
      response.end(
        isSecret ? '{"__type":"AccessDeniedException"}' : "<Error><Code>AccessDenied</Code></Error>",
      );
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    environment: {
      ...lambda,
      AWS_ENDPOINT_URL_S3: url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
      AWS_ENDPOINT_URL_EVENTBRIDGE: url,
    },
    buckets: { exchange: EXCHANGE_BUCKET, archive: ARCHIVE_BUCKET },
    unguardedS3: s3,
    calls,
    denied,
    allow: (policy) => {
      isAllowed = policy;
      calls.length = 0;
      denied.length = 0;
    },
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await aws.stop();
    },
  };
}

async function forward(endpoint: string, request: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
  const { method = "GET", url = "/", headers } = request;
  const { expect: _, "transfer-encoding": __, ...kept } = headers;
  const length = method === "GET" || method === "HEAD" ? {} : { "content-length": body.length };
  const forwarded = sendRequest(new URL(url, endpoint), { method, headers: { ...kept, ...length } });
  forwarded.end(body);
  const [answer] = await once(forwarded, "response");
  return answer;
}

/** Takes an event from who may put one, and keeps none. */
function answerEvents(response: ServerResponse, isAllowed: boolean): void {
  if (isAllowed) response.end('{"FailedEntryCount":0,"Entries":[{"EventId":"1"}]}');
  else response.writeHead(400).end('{"__type":"AccessDeniedException"}');
}

function eventsCall(body: Buffer): Call {
  const [{ EventBusName: bus }] = JSON.parse(String(body)).Entries;
  return {
    action: "events:PutEvents",
    resource: `arn:aws:events:${account.region}:${account.id}:event-bus/${bus}`,
  };
}

function secretCall({ headers }: IncomingMessage, body: Buffer): Call {
  const { SecretId: name } = JSON.parse(String(body));
  return {
    action: String(headers["x-amz-target"]).replace(".", ":"),
    // Secrets Manager adds a hyphen and six characters to a name.
    resource: `arn:aws:secretsmanager:${account.region}:${account.id}:secret:${name}-AbCdEf`,
  };
}

/** The permission that a path-style S3 request needs. */
function s3Call({ method = "", url = "" }: IncomingMessage): Call {
  const { pathname, searchParams } = new URL(url, "http://s3");
  const [, bucket, ...key] = pathname.split("/").map(decodeURIComponent);
  const resource = `arn:aws:s3:::${[bucket, ...key].join("/").replace(/\/$/, "")}`;
  return { action: `s3:${actionOf(method, { isBucket: key.join("/") === "", searchParams })}`, resource };
}

function actionOf(
  method: string,
  { isBucket, searchParams }: { readonly isBucket: boolean; readonly searchParams: URLSearchParams },
): string {
  if (isBucket) return "ListBucket";
  const what = searchParams.has("tagging") ? "ObjectTagging" : "Object";
  if (method === "DELETE") return searchParams.has("uploadId") ? "AbortMultipartUpload" : `Delete${what}`;
  return `${method === "GET" || method === "HEAD" ? "Get" : "Put"}${what}`;
}

function bucketOf({ resource }: Call): string {
  return resource.split("/")[0] ?? "";
}
