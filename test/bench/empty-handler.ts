import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

/** The least that any of the functions loads: the SDK's clients, and nothing done with them. */

const clients = [new S3Client(), new SecretsManagerClient()];

export const handler = async (): Promise<number> => clients.length;
