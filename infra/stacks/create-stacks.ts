import type { App } from "aws-cdk-lib";
import type { Configuration } from "../config.ts";
import { ArchiveStack } from "./archive-stack.ts";
import { ImportStack } from "./import-stack.ts";
import { StorageStack } from "./storage-stack.ts";
import { SyncStack } from "./sync-stack.ts";

export interface Stacks {
  readonly storage: StorageStack;
  readonly sync: SyncStack;
  readonly import: ImportStack;
  readonly archive: ArchiveStack;
}

/**
 * Everything that is deployed: what the jobs share, and each job in a stack that can be deployed without the others.
 * All of them are always created, because CDK does not remove the stacks that an app no longer has.
 */
export function createStacks(app: App, configuration: Configuration): Stacks {
  const storage = new StorageStack(app, "NewsletterStorage", { configuration });
  const { exchangeBucket, archiveBucket, alarmTopic } = storage;
  const shared = { configuration, exchangeBucket, alarmTopic };
  return {
    storage,
    sync: new SyncStack(app, "NewsletterSync", shared),
    import: new ImportStack(app, "NewsletterImport", shared),
    archive: new ArchiveStack(app, "NewsletterArchive", { ...shared, archiveBucket }),
  };
}
