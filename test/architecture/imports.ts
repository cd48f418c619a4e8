import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const projectRoot = fileURLToPath(new URL("../..", import.meta.url));

/** A module that imports another one, both by their paths in the project. */
export interface Import {
  readonly from: string;
  readonly to: string;
}

/** Every import of a module of this project in these folders: types, re-exports and dynamic ones included. */
export function importsIn(folders: readonly string[]): Import[] {
  const files = globSync(`{${folders.join(",")}}/**/*.{ts,mjs}`, { cwd: projectRoot });
  return files.flatMap((from) => {
    const code = readFileSync(join(projectRoot, from), "utf8");
    return specifiersIn(code).map((specifier) => ({ from, to: join(dirname(from), specifier) }));
  });
}

/** The relative specifiers of a module, which our formatter always leaves in double quotes. */
export function specifiersIn(code: string): string[] {
  const specifiers = /(?:\bfrom|\bimport)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g;
  return [...code.matchAll(specifiers)].map(([, specifier = ""]) => specifier);
}

/** The modules of one import circle, the first one repeated at the end; undefined if there is none. */
export function findCircle(imports: readonly Import[]): string[] | undefined {
  const targets = Map.groupBy(imports, ({ from }) => from);
  const finished = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (finished.has(file)) return undefined;
    for (const { to } of targets.get(file) ?? []) {
      const circle = visit(to, [...path, file]);
      if (circle) return circle;
    }
    finished.add(file);
    return undefined;
  };
  for (const file of targets.keys()) {
    const circle = visit(file, []);
    if (circle) return circle;
  }
  return undefined;
}
