import { parseDeployment } from "./config.ts";
import { readConfigurationFile } from "./config-file.ts";
import { FileError } from "./json-file.ts";

/** `npm run check-config -- FILE`: says all that is wrong with a configuration, or what it would deploy. */
const [path, ...others] = process.argv.slice(2);
if (path === undefined || others.length > 0) {
  process.stderr.write("npm run check-config -- FILE\n");
  process.exit(2);
}
try {
  const { environment, lists } = parseDeployment(readConfigurationFile("check-config", path));
  process.stdout.write(`${path} is right: ${environment}, ${Object.keys(lists).join(", ")}\n`);
} catch (error) {
  const { message } = error as Error;
  process.stderr.write(`${error instanceof FileError ? message : `${path}: ${message}`}\n`);
  process.exit(1);
}
