import { startEmbeddedS3 } from "../../infra/local/embedded-s3.ts";

/** An S3 in a process of its own: a process that is started counts the memory of the one that starts it as its peak. */

const { url } = await startEmbeddedS3();
process.once("disconnect", () => process.exit(0));
process.send?.({ url });
