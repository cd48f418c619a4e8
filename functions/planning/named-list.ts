import type { ListConfiguration } from "../configuration.ts";

/** A list's name and what the configuration says of it. */
export interface NamedList {
  readonly name: string;
  readonly configuration: ListConfiguration;
}
