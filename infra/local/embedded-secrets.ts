import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import * as z from "zod";

/** A Secrets Manager of this process's own; clients need nothing but `url`, and any credentials. */
export type EmbeddedSecrets = {
  url: string;
  /** Gives a secret a new value, as a rotation does. A value that is no string is stored as its JSON. */
  set(name: string, value: unknown): void;
  stop(): Promise<void>;
};

type Version = { id: string; text: string; createdAt: number };
/** `versions` holds the current one and, after it, the previous one. */
type Secret = { name: string; arn: string; versions: Version[] };

const inputSchema = z.object({
  Name: z.string().optional(),
  SecretId: z.string().optional(),
  SecretString: z.string().default(""),
  VersionId: z.string().optional(),
  VersionStage: z.string().optional(),
});
type Input = z.infer<typeof inputSchema>;

const stages = ["AWSCURRENT", "AWSPREVIOUS"];

class SecretsError extends Error {
  constructor(type: string, message: string) {
    super(message);
    this.name = type;
  }
}

/** Starts a Secrets Manager that only this machine reaches and that holds `secrets`, by name. */
export async function startEmbeddedSecrets({
  secrets: initial = {},
}: {
  secrets?: Record<string, unknown>;
} = {}): Promise<EmbeddedSecrets> {
  const secrets = new Map<string, Secret>();
  const set = (name: string, value: unknown) => put(secrets, name, value);
  for (const [name, value] of Object.entries(initial)) set(name, value);

  const server = createServer(async (request, response) => {
    const action = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
    const answer = (status: number, body: object) =>
      response
        .writeHead(status, { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": randomUUID() })
        .end(JSON.stringify(body));
    try {
      answer(200, perform(secrets, action, inputSchema.parse(await json(request))));
    } catch (error) {
      if (error instanceof SecretsError) answer(400, { __type: error.name, Message: error.message });
      else answer(400, { __type: "InvalidRequestException", Message: String(error) });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    set,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function perform(secrets: Map<string, Secret>, action: string, input: Input): object {
  switch (action) {
    case "CreateSecret":
      return written(put(secrets, unused(secrets, input), input.SecretString));
    case "PutSecretValue":
      return written(put(secrets, find(secrets, input).name, input.SecretString));
    case "GetSecretValue":
      return read(find(secrets, input), input);
    case "DescribeSecret":
      return described(find(secrets, input));
    default:
      throw new SecretsError("UnknownOperationException", `the embedded Secrets Manager has no ${action}`);
  }
}

function put(secrets: Map<string, Secret>, name: string, value: unknown): Secret {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const version = { id: randomUUID(), text, createdAt: Date.now() / 1000 };
  const previous = secrets.get(name)?.versions.slice(0, 1) ?? [];
  const suffix = createHash("sha256").update(name).digest("hex").slice(0, 6);
  const arn = `arn:aws:secretsmanager:eu-west-3:000000000000:secret:${name}-${suffix}`;
  const secret = { name, arn, versions: [version, ...previous] };
  secrets.set(name, secret);
  return secret;
}

function unused(secrets: Map<string, Secret>, { Name: name = "" }: Input): string {
  if (!secrets.has(name)) return name;
  const problem = `The operation failed because the secret ${name} already exists.`;
  throw new SecretsError("ResourceExistsException", problem);
}

/** By name or by ARN, whole or without its suffix. */
function find(secrets: Map<string, Secret>, { SecretId: id }: Input): Secret {
  const secret = [...secrets.values()].find(
    ({ name, arn }) => name === id || arn === id || arn.slice(0, -7) === id,
  );
  if (secret) return secret;
  throw new SecretsError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
}

function read({ name, arn, versions }: Secret, { VersionId, VersionStage = "AWSCURRENT" }: Input): object {
  const index = VersionId ? versions.findIndex(({ id }) => id === VersionId) : stages.indexOf(VersionStage);
  const version = versions[index];
  if (!version) {
    const problem = `Secrets Manager can't find the specified secret value for ${VersionId ?? VersionStage}`;
    throw new SecretsError("ResourceNotFoundException", problem);
  }
  return {
    ARN: arn,
    Name: name,
    SecretString: version.text,
    VersionId: version.id,
    VersionStages: [stages[index]],
    CreatedDate: version.createdAt,
  };
}

function described({ name, arn, versions }: Secret): object {
  const ids = versions.map(({ id }, index) => [id, [stages[index]]]);
  return { ARN: arn, Name: name, VersionIdsToStages: Object.fromEntries(ids) };
}

function written({ name, arn, versions }: Secret): object {
  return { ARN: arn, Name: name, VersionId: versions[0]?.id, VersionStages: ["AWSCURRENT"] };
}
