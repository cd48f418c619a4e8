import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

/** Loads the least that any of the functions loads, the SDK's clients, and does nothing with them. */

const clients = [new S3Client(), new SecretsManagerClient()];

export const handler = async (): Promise<number> => clients.length;
