import type { S3Client } from "@aws-sdk/client-s3";
import type { ReadSecret } from "../platform/secrets.ts";
import { openCsv } from "./csv/open-csv.ts";
import { openPostgres } from "./postgres/open-postgres.ts";
import type { OpenSource, SourceConfiguration } from "./source.ts";

/** What a source may need to be opened. */
export interface SourceAccess {
  readonly s3: S3Client;
  readonly readSecret: ReadSecret;
  readonly signal: AbortSignal;
}

/** Opens the source that a list is configured to have; its errors are those of the kind. */
export function openSource(configuration: SourceConfiguration, access: SourceAccess): Promise<OpenSource> {
  switch (configuration.kind) {
    case "csv":
      return openCsv(configuration, access);
    case "postgres":
      return openPostgres(configuration, access);
  }
}
