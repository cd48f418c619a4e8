import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { historySecretVariable } from "../../functions/platform/environment.ts";
import { historySecret } from "../history-key.ts";
import { startEmbeddedS3 } from "./embedded-s3.ts";
import { startEmbeddedSecrets } from "./embedded-secrets.ts";
import { KeptSecrets } from "./kept-secrets.ts";
import { prepareBuckets } from "./prepare-buckets.ts";

/** The AWS that a function on this machine uses. */
export interface LocalAws {
  /** For the function's environment: endpoints, credentials, the region, the buckets. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where the pages of runs go as files; undefined if the S3 is not one of this machine. */
  readonly pages?: string;
  stop(): Promise<void>;
}

/** The environment variables of the user, who invokes a function. */
export type Variables = Readonly<Record<string, string | undefined>>;

const embeddedCredentials = {
  AWS_ACCESS_KEY_ID: "local",
  AWS_SECRET_ACCESS_KEY: "local",
  AWS_SESSION_TOKEN: "local",
};

/**
 * Starts an S3 and a Secrets Manager, each unless the user's variables name an endpoint of their own, and creates
 * the buckets. The user's credentials are passed on only if one of the endpoints is theirs.
 *
 * @param options.directory where the embedded S3 keeps its objects, and the Secrets Manager what is written into it; in
 *   memory if left out
 */
export async function startLocalAws({
  variables,
  secrets,
  directory,
}: {
  readonly variables: Variables;
  readonly secrets: Readonly<Record<string, unknown>>;
  readonly directory?: string;
}): Promise<LocalAws> {
  const ownS3 = variables["AWS_ENDPOINT_URL_S3"] ?? variables["AWS_ENDPOINT_URL"];
  const ownSecrets = secretsEndpoint(variables);
  const own = ownS3 || ownSecrets ? awsVariables(variables) : {};
  const hasCredentials = "AWS_ACCESS_KEY_ID" in own || "AWS_PROFILE" in own;
  const kept = directory === undefined ? {} : { directory: join(directory, "s3") };
  const s3 = ownS3 ? undefined : await startEmbeddedS3(kept);
  const historyKey = variables[historySecretVariable] ?? (ownSecrets ? undefined : historySecret);
  const written = directory === undefined ? {} : { file: writtenSecrets(directory) };
  const secretsManager = ownSecrets
    ? undefined
    : await startEmbeddedSecrets({ secrets: withHistoryKey(secrets, directory), ...written });
  const environment = {
    ...trustVariables(variables),
    ...eventBusVariables(variables),
    AWS_REGION: variables["AWS_REGION"] ?? variables["AWS_DEFAULT_REGION"] ?? "eu-west-3",
    ...(hasCredentials ? {} : embeddedCredentials),
    ...own,
    AWS_ENDPOINT_URL_S3: ownS3 ?? s3?.url ?? "",
    // The embedded S3 answers for SQS, too.
    ...(s3 !== undefined && { AWS_ENDPOINT_URL_SQS: s3.url }),
    AWS_ENDPOINT_URL_SECRETS_MANAGER: ownSecrets ?? secretsManager?.url ?? "",
    EXCHANGE_BUCKET: variables["EXCHANGE_BUCKET"] ?? "newsletter-sync-exchange",
    ARCHIVE_BUCKET: variables["ARCHIVE_BUCKET"] ?? "newsletter-sync-archive",
    ...(historyKey !== undefined && { [historySecretVariable]: historyKey }),
  };
  const stop = async () => {
    await Promise.all([s3?.stop(), secretsManager?.stop()]);
  };
  try {
    await prepareBuckets({ environment, isEmbedded: s3 !== undefined });
  } catch (error) {
    await stop();
    if (s3 !== undefined) throw error;
    throw new Error(`the S3 at ${ownS3} cannot be used: ${(error as Error).message}`, { cause: error });
  }
  const isKept = s3 !== undefined && directory !== undefined;
  return { environment, ...(isKept && { pages: join(directory, "pages") }), stop };
}

/** A key for the history, which a deployment gets from CDK: made once, and kept with what functions write. */
function withHistoryKey(
  secrets: Readonly<Record<string, unknown>>,
  directory: string | undefined,
): Readonly<Record<string, unknown>> {
  if (Object.hasOwn(secrets, historySecret)) return secrets;
  const value = JSON.stringify({ key: randomBytes(32).toString("hex") });
  if (directory === undefined) return { ...secrets, [historySecret]: value };
  const kept = new KeptSecrets(writtenSecrets(directory));
  if (!kept.names.includes(historySecret)) kept.keep(historySecret, value);
  return secrets;
}

/** The file of what was written into the embedded Secrets Manager. */
export function writtenSecrets(directory: string): string {
  return join(directory, "secrets.json");
}

/** The user's own Secrets Manager, if they name one: then none is embedded. */
export function secretsEndpoint(variables: Variables): string | undefined {
  return variables["AWS_ENDPOINT_URL_SECRETS_MANAGER"] ?? variables["AWS_ENDPOINT_URL"];
}

/** The AWS of the user's own credentials. Here the variables must name the buckets. */
export function realAws(variables: Variables): LocalAws {
  const { EXCHANGE_BUCKET = "", ARCHIVE_BUCKET = "", PATH = "" } = variables;
  const historyKey = variables[historySecretVariable] ?? historySecret;
  // A profile may get its credentials from a program on the PATH.
  const own = {
    ...awsVariables(variables),
    ...eventBusVariables(variables),
    PATH,
    EXCHANGE_BUCKET,
    ARCHIVE_BUCKET,
    [historySecretVariable]: historyKey,
  };
  return { environment: { ...trustVariables(variables), ...own }, stop: async () => {} };
}

/** Runs on this machine tell nobody how they end, unless the user names an EventBridge. */
function eventBusVariables(variables: Variables): Record<string, string> {
  const endpoint = variables["AWS_ENDPOINT_URL_EVENTBRIDGE"] ?? variables["AWS_ENDPOINT_URL"];
  return endpoint ? { EVENT_BUS: "default", AWS_ENDPOINT_URL_EVENTBRIDGE: endpoint } : {};
}

/** A company's proxy or a database may present a certificate that only the user's machine trusts. */
function trustVariables({ NODE_EXTRA_CA_CERTS }: Variables): Record<string, string> {
  return NODE_EXTRA_CA_CERTS ? { NODE_EXTRA_CA_CERTS } : {};
}

/** What the SDK needs to find credentials: the AWS variables and the home directory. */
function awsVariables(variables: Variables): Record<string, string> {
  const names = Object.keys(variables).filter((name) => /^(AWS_|HOME$)/.test(name));
  return Object.fromEntries(names.map((name) => [name, variables[name] ?? ""]));
}
