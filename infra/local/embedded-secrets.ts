import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import * as z from "zod";
import { KeptSecrets } from "./kept-secrets.ts";

/** A Secrets Manager that belongs to this process; clients need `url` and any credentials. */
export interface EmbeddedSecrets {
  readonly url: string;
  /** Gives a secret a new value, as a rotation does. A value that is not a string is stored as JSON. */
  set(name: string, value: unknown): void;
  stop(): Promise<void>;
}

/**
 * Starts a Secrets Manager that only this machine can reach.
 *
 * @param options.secrets by their names
 * @param options.file keeps what clients write from one start to the next, until another value is given here; without
 *   it that is forgotten
 */
export async function startEmbeddedSecrets({
  secrets = {},
  file,
}: {
  secrets?: Readonly<Record<string, unknown>>;
  file?: string;
} = {}): Promise<EmbeddedSecrets> {
  const store = createStore(secrets, file);

  const server = createServer(async (request, response) => {
    const action = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
    const answer = (status: number, body: object) =>
      response
        .writeHead(status, { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": randomUUID() })
        .end(JSON.stringify(body));
    try {
      answer(200, perform(store, action, inputSchema.parse(await json(request))));
    } catch (error) {
      if (error instanceof SecretsError) answer(400, { __type: error.name, Message: error.message });
      else answer(400, { __type: "InvalidRequestException", Message: String(error) });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    set: (name, value) => {
      store.put(name, value);
    },
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** A store with these secrets, and those that are kept in the file, which keeps what is written into it. */
function createStore(secrets: Readonly<Record<string, unknown>>, file: string | undefined): SecretStore {
  const given = new Map(Object.entries(secrets).map(([name, value]) => [name, textOf(value)]));
  const kept = file === undefined ? undefined : new KeptSecrets(file);
  const store = new SecretStore((name, text) => kept?.keep(name, text, given.get(name)));
  for (const name of new Set([...given.keys(), ...(kept?.names ?? [])])) {
    store.put(name, kept ? kept.choose(name, given.get(name)) : given.get(name));
  }
  return store;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

const inputSchema = z.object({
  Name: z.string().optional(),
  SecretId: z.string().optional(),
  SecretString: z.string().default(""),
  VersionId: z.string().optional(),
  VersionStage: z.string().optional(),
});
type Input = z.infer<typeof inputSchema>;

interface Version {
  readonly id: string;
  readonly text: string;
  readonly createdAt: number;
}

interface Secret {
  readonly name: string;
  readonly arn: string;
  /** The current one and, after it, the previous one. */
  readonly versions: readonly Version[];
}

class SecretsError extends Error {
  constructor(type: string, message: string) {
    super(message);
    this.name = type;
  }
}

class SecretStore {
  readonly #secrets = new Map<string, Secret>();
  readonly #onWrite: (name: string, text: string) => void;

  /** @param onWrite called before a client's write is answered */
  constructor(onWrite: (name: string, text: string) => void) {
    this.#onWrite = onWrite;
  }

  create(name: string, text: string): Secret {
    if (!this.#secrets.has(name)) return this.#write(name, text);
    const problem = `The operation failed because the secret ${name} already exists.`;
    throw new SecretsError("ResourceExistsException", problem);
  }

  update(id: string | undefined, text: string): Secret {
    return this.#write(this.find(id).name, text);
  }

  #write(name: string, text: string): Secret {
    this.#onWrite(name, text);
    return this.put(name, text);
  }

  put(name: string, value: unknown): Secret {
    const text = textOf(value);
    const version = { id: randomUUID(), text, createdAt: Date.now() / 1000 };
    const previous = this.#secrets.get(name)?.versions.slice(0, 1) ?? [];
    const suffix = createHash("sha256").update(name).digest("hex").slice(0, 6);
    const arn = `arn:aws:secretsmanager:eu-west-3:000000000000:secret:${name}-${suffix}`;
    const secret = { name, arn, versions: [version, ...previous] };
    this.#secrets.set(name, secret);
    return secret;
  }

  /** @param id a name, or an ARN with or without its suffix */
  find(id: string | undefined): Secret {
    const secret = [...this.#secrets.values()].find(
      ({ name, arn }) => name === id || arn === id || arn.slice(0, -7) === id,
    );
    if (secret) return secret;
    throw new SecretsError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
  }
}

function perform(store: SecretStore, action: string, input: Input): object {
  switch (action) {
    case "CreateSecret":
      return writtenAnswer(store.create(input.Name ?? "", input.SecretString));
    case "PutSecretValue":
      return writtenAnswer(store.update(input.SecretId, input.SecretString));
    case "GetSecretValue":
      return valueAnswer(store.find(input.SecretId), input);
    case "DescribeSecret":
      return descriptionAnswer(store.find(input.SecretId));
    default:
      throw new SecretsError("UnknownOperationException", `the embedded Secrets Manager has no ${action}`);
  }
}

const stages = ["AWSCURRENT", "AWSPREVIOUS"];

function valueAnswer(
  { name, arn, versions }: Secret,
  { VersionId, VersionStage = "AWSCURRENT" }: Input,
): object {
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

function descriptionAnswer({ name, arn, versions }: Secret): object {
  const ids = versions.map(({ id }, index) => [id, [stages[index]]]);
  return { ARN: arn, Name: name, VersionIdsToStages: Object.fromEntries(ids) };
}

function writtenAnswer({ name, arn, versions }: Secret): object {
  return { ARN: arn, Name: name, VersionId: versions[0]?.id, VersionStages: ["AWSCURRENT"] };
}
