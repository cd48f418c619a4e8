import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HeadBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { expect, onTestFinished, test, vi } from "vitest";
import { regionOf } from "../../infra/local/aws-region.ts";
import { startEmbeddedS3 } from "../../infra/local/embedded-s3.ts";
import { startEmbeddedSecrets } from "../../infra/local/embedded-secrets.ts";
import { realAws, startLocalAws, type Variables } from "../../infra/local/local-aws.ts";

const users = { AWS_ACCESS_KEY_ID: "users", AWS_SECRET_ACCESS_KEY: "own", AWS_REGION: "eu-central-1" };
const credentials = { accessKeyId: "any", secretAccessKey: "any" };
const clientOf = (endpoint = "") => new S3Client({ endpoint, region: "eu-west-3", credentials });

async function start(variables: Variables, directory?: string) {
  const aws = await startLocalAws({ variables, secrets: {}, ...(directory && { directory }) });
  onTestFinished(() => aws.stop());
  return aws;
}

test("an own S3 that does not answer is named, and nothing of ours goes on running", async () => {
  const servers = () => process.getActiveResourcesInfo().filter((name) => name === "TCPServerWrap").length;
  const before = servers();
  const nobody = "http://127.0.0.1:9";
  const failing = startLocalAws({ variables: { AWS_ENDPOINT_URL_S3: nobody }, secrets: {} });
  await expect(failing).rejects.toThrow(`the S3 at ${nobody} cannot be used: connect ECONNREFUSED`);
  await vi.waitFor(() => expect(servers()).toBe(before));
});

test("without endpoints of the user's, both services are embedded and never see the user's credentials", async () => {
  const { environment } = await start({ ...users, HOME: "/home/user" });
  expect(environment).toMatchObject({ AWS_ACCESS_KEY_ID: "local", AWS_REGION: "eu-central-1" });
  expect(environment).not.toHaveProperty("HOME");
  const s3 = clientOf(environment["AWS_ENDPOINT_URL_S3"]);
  for (const Bucket of ["newsletter-sync-exchange", "newsletter-sync-archive"]) {
    await expect(s3.send(new HeadBucketCommand({ Bucket }))).resolves.toBeDefined();
  }
});

test("the user's own S3 gets the user's credentials, and the buckets that it lacks", async () => {
  const theirs = await startEmbeddedS3({ buckets: ["theirs"] });
  onTestFinished(() => theirs.stop());
  const variables = {
    ...users,
    AWS_ENDPOINT_URL_S3: theirs.url,
    EXCHANGE_BUCKET: "theirs",
    ARCHIVE_BUCKET: "new",
  };
  const { environment } = await start(variables);
  expect(environment).toMatchObject(variables);
  expect(environment["AWS_SESSION_TOKEN"]).toBeUndefined();
  expect(environment["AWS_ENDPOINT_URL_SECRETS_MANAGER"]).toMatch(/^http:\/\/127\.0\.0\.1:/);
  await expect(clientOf(theirs.url).send(new HeadBucketCommand({ Bucket: "new" }))).resolves.toBeDefined();
});

test("the user's own Secrets Manager is used, and the embedded S3 beside it", async () => {
  const theirs = await startEmbeddedSecrets();
  onTestFinished(() => theirs.stop());
  const { environment } = await start({ AWS_ENDPOINT_URL_SECRETS_MANAGER: theirs.url });
  expect(environment).toMatchObject({
    AWS_ENDPOINT_URL_SECRETS_MANAGER: theirs.url,
    AWS_ACCESS_KEY_ID: "local",
  });
});

test("the region is that of the variables, else that of the profile, else a message says what to set", async () => {
  expect(await regionOf({ AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "eu-west-2" })).toBe("eu-west-1");
  expect(await regionOf({ AWS_DEFAULT_REGION: "eu-west-2" })).toBe("eu-west-2");
  const folder = mkdtempSync(join(tmpdir(), "newsletter-sync-aws-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const name of ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"]) vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_CONFIG_FILE", join(folder, "config"));
  await expect(regionOf({})).rejects.toThrow("--aws needs a region: set AWS_REGION");
  writeFileSync(join(folder, "with-region"), "[default]\nregion = eu-west-3\n");
  vi.stubEnv("AWS_CONFIG_FILE", join(folder, "with-region"));
  expect(await regionOf({})).toBe("eu-west-3");
});

test("a lock that an interrupted run left in the embedded S3 is released, and nothing else", async () => {
  const directory = mkdtempSync(join(tmpdir(), "newsletter-sync-s3-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const interrupted = await startLocalAws({ variables: {}, secrets: {}, directory });
  const Bucket = "newsletter-sync-exchange";
  for (const Key of ["locks/daily.json", "plans/daily/1/summary.json"]) {
    const put = new PutObjectCommand({ Bucket, Key, Body: "{}" });
    await clientOf(interrupted.environment["AWS_ENDPOINT_URL_S3"]).send(put);
  }
  await interrupted.stop();
  const { environment } = await start({}, directory);
  const list = new ListObjectsV2Command({ Bucket });
  const { Contents } = await clientOf(environment["AWS_ENDPOINT_URL_S3"]).send(list);
  expect(Contents?.map(({ Key }) => Key)).toEqual(["plans/daily/1/summary.json"]);
});

test("for AWS itself, a function gets what it takes to find the user's credentials, and no endpoint", () => {
  const variables = { AWS_PROFILE: "news", HOME: "/home/user", EXCHANGE_BUCKET: "x", ARCHIVE_BUCKET: "y" };
  const { environment } = realAws({ ...variables, DATABASE_PASSWORD: "not for the function" });
  const HISTORY_SECRET = "newsletter-sync/history-key";
  expect(environment).toEqual({ ...variables, HISTORY_SECRET, PATH: "" });
});
