import { EventFiles } from "./event-files.ts";
import { FileImports } from "./file-imports.ts";
import { OptIns } from "./opt-ins.ts";
import { rowSerialiser } from "./row-serialiser.ts";
import { defaultOptions, type SandboxOptions } from "./sandbox-options.ts";
import { StatsExports } from "./stats-exports.ts";
import { type ListSetup, SubscriberList } from "./subscriber-list.ts";
import { Tokens } from "./tokens.ts";

/** A publisher's account at the provider: everything that calls read and change. */
export class Account {
  readonly options: Required<SandboxOptions>;
  readonly lists = new Map<number | undefined, SubscriberList>();
  readonly tokens: Tokens;
  readonly events: EventFiles;
  readonly imports: FileImports;
  readonly optIns: OptIns;
  readonly exports: StatsExports;

  constructor(options: SandboxOptions) {
    this.options = { ...defaultOptions, ...options };
    this.tokens = new Tokens(this.options.tokenCalls);
    this.replaceList({});
    for (const setup of this.options.lists) this.replaceList(setup);
    const listIds = [...this.lists.keys()].filter((id) => id !== undefined);
    this.events = new EventFiles({ listIds, ...this.options });
    this.imports = new FileImports(this.options);
    this.optIns = new OptIns({ listId: listIds[0], ...this.options.optIn }, this.options.now);
    this.exports = new StatsExports(this.options.now);
  }

  /** Adds a list, in place of the one with the same id if there is one. */
  replaceList(setup: ListSetup): SubscriberList {
    const list = new SubscriberList(setup, { now: this.options.now, serialise: rowSerialiser(this.options) });
    this.lists.set(setup.id, list);
    return list;
  }
}
