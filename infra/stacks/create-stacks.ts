import { type App, PermissionsBoundary, type StackProps } from "aws-cdk-lib";
import type { Configuration } from "../config.ts";
import { nameIn } from "../environment.ts";
import { withSecretNames } from "../secret-names.ts";
import { ArchiveStack } from "./archive-stack.ts";
import { BackfillStack } from "./backfill-stack.ts";
import { ImportStack } from "./import-stack.ts";
import { LookUpStack } from "./look-up-stack.ts";
import { PagesStack } from "./pages-stack.ts";
import { PushStack } from "./push-stack.ts";
import { StorageStack } from "./storage-stack.ts";
import { SyncStack } from "./sync-stack.ts";
import { WatchStack } from "./watch-stack.ts";

export interface Stacks {
  readonly storage: StorageStack;
  readonly watch: WatchStack;
  readonly sync: SyncStack;
  readonly import: ImportStack;
  readonly archive: ArchiveStack;
  readonly lookUp: LookUpStack;
  readonly backfill: BackfillStack;
  readonly pages: PagesStack;
  /** Only if the configuration has pushes. */
  readonly push?: PushStack;
}

/**
 * Everything that is deployed: what the jobs share, what watches them, and each job in a stack that can be deployed without
 * the others; last, what runs the jobs until they are done.
 * All but that of pushes are always created, because CDK does not remove the stacks that an app no longer has.
 */
export function createStacks(app: App, configured: Configuration): Stacks {
  const configuration = withSecretNames(configured);
  const name = (stack: string) => nameIn(configuration.environment, stack);
  const props = { configuration, ...stackProps(configuration) };
  const storage = new StorageStack(app, name("NewsletterStorage"), props);
  const { exchangeBucket, archiveBucket, alarmTopic, deadLetters } = storage;
  const watch = new WatchStack(app, name("NewsletterWatch"), {
    ...props,
    exchangeBucket,
    alarmTopic,
    deadLetters,
  });
  const shared = { ...props, exchangeBucket, deadLetters, alarms: watch.alarms };
  const { push } = configuration;
  const jobs = {
    sync: new SyncStack(app, name("NewsletterSync"), shared),
    import: new ImportStack(app, name("NewsletterImport"), shared),
    archive: new ArchiveStack(app, name("NewsletterArchive"), { ...shared, archiveBucket }),
    pages: new PagesStack(app, name("NewsletterPages"), shared),
    lookUp: new LookUpStack(app, name("NewsletterLookUp"), { ...props, exchangeBucket, archiveBucket }),
    ...(push && { push: new PushStack(app, name("NewsletterPush"), { ...shared, alarmTopic, push }) }),
  };
  // No job without what watches it, even if it is deployed by its name.
  for (const job of Object.values(jobs)) job.addStackDependency(watch);
  const functions = {
    "sync-subscribers": jobs.sync.function,
    "import-subscribers": jobs.import.function,
    "archive-events": jobs.archive.function,
  };
  const backfill = new BackfillStack(app, name("NewsletterBackfill"), { ...props, alarmTopic, functions });
  return { storage, watch, ...jobs, backfill };
}

function stackProps({ account, region, tags, permissionsBoundary: boundary }: Configuration): StackProps {
  return {
    ...((account ?? region) !== undefined && {
      env: { ...(account && { account }), ...(region && { region }) },
    }),
    // CloudFormation gives them to every resource of the stack.
    tags,
    ...(boundary !== undefined && {
      permissionsBoundary: boundary.startsWith("arn:")
        ? PermissionsBoundary.fromArn(boundary)
        : PermissionsBoundary.fromName(boundary),
    }),
  };
}
