import { openCsv } from "./csv/open-csv.ts";
import { openPostgres } from "./postgres/open-postgres.ts";
import type { Sink, SinkAccess, SinkConfiguration } from "./sink.ts";

/** The sink of a list's returns, whatever its kind. It connects to nothing before it takes them. */
export function openSink(configuration: SinkConfiguration, access: SinkAccess): Sink {
  switch (configuration.kind) {
    case "csv":
      return openCsv(access);
    case "postgres":
      return openPostgres(configuration, access);
  }
}
