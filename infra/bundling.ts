import type { BundlingOptions, OutputFormat } from "aws-cdk-lib/aws-lambda-nodejs";

/**
 * How a function's handler becomes one `index.mjs`: for Lambda by CDK's NodejsFunction, for this machine by esbuild
 * itself. These are CDK's options, but written without loading CDK, which takes a second.
 */
export const bundlingOptions = {
  format: "esm" as OutputFormat.ESM,
  target: "node24",
  minify: true,
  sourceMap: true,
  sourcesContent: false,
  mainFields: ["module", "main"],
  externalModules: [],
  // The SDK that was tested is the one that runs, not the one that Lambda happens to have.
  bundleAwsSDK: true,
  // For CommonJS dependencies: an ES module has no `require`.
  banner:
    "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
} satisfies BundlingOptions;
