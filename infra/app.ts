import { App } from "aws-cdk-lib";
import { parseConfiguration } from "./config.ts";
import { StorageStack } from "./storage-stack.ts";
import { SyncStack } from "./sync-stack.ts";

const app = new App();
const configuration = parseConfiguration(app.node.tryGetContext("newsletter"));
const { exchangeBucket } = new StorageStack(app, "NewsletterStorage", { configuration });
new SyncStack(app, "NewsletterSync", { configuration, exchangeBucket });
