import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { configurationJsonSchema } from "./json-schema.ts";

/** `npm run schema`: writes what an editor needs to know of a configuration. */
const path = fileURLToPath(new URL("newsletter.schema.json", import.meta.url));
writeFileSync(path, configurationJsonSchema());
