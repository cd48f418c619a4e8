import { openCsv } from "./csv/open-csv.ts";
import { openPostgres } from "./postgres/open-postgres.ts";
import type { OpenSource, SourceAccess, SourceConfiguration } from "./source.ts";

/** Opens a list's source, whatever its kind. */
export function openSource(configuration: SourceConfiguration, access: SourceAccess): Promise<OpenSource> {
  switch (configuration.kind) {
    case "csv":
      return openCsv(configuration, access);
    case "postgres":
      return openPostgres(configuration, access);
  }
}
