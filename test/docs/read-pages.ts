import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Every page of the documentation, by its path in the project. */
export const pages: ReadonlyMap<string, string> = new Map(
  globSync("{*.md,docs/**/*.md}", { cwd: root })
    .toSorted()
    .map((path) => [path, readText(path)]),
);

export function readPage(path: string): string {
  const text = pages.get(path);
  if (text === undefined) throw new Error(`there is no page ${path}`);
  return text;
}

/** @param path in the project, as are all here */
export function readText(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

export function exists(path: string): boolean {
  return existsSync(join(root, path));
}

/** What is under a heading of a page, up to the next heading of the same level or a higher one. */
export function sectionOf(page: string, heading: string): string {
  const [, marks = "", rest = ""] =
    new RegExp(`^(#+) ${heading}\n(.*)`, "ms").exec(readPage(page)) ?? missing(page, heading);
  return rest.split(new RegExp(`^#{1,${marks.length}} `, "m"))[0] ?? "";
}

/** The tables of a Markdown text, a row a list of its cells, without the line of dashes. */
export function tablesIn(text: string): string[][][] {
  const tables = text.match(/(?:^\|.*\n)+/gm) ?? [];
  return tables.map((table) =>
    table
      .trimEnd()
      .split("\n")
      .filter((line) => !/^\|[\s|-]+\|$/.test(line))
      .map((line) =>
        line
          .slice(1, -1)
          .split("|")
          .map((cell) => cell.trim()),
      ),
  );
}

/** The texts between single backticks, outside of fenced blocks. */
export function codeIn(text: string): string[] {
  return [...withoutFences(text).matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
}

/** The contents of the fenced blocks of this language. */
export function blocksIn(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^ *\`\`\`${language}\n(.*?)^ *\`\`\``, "gms"))].map(
    ([, block = ""]) => block,
  );
}

export function withoutFences(text: string): string {
  return text.replaceAll(/^ *```.*?^ *```/gms, "");
}

function missing(page: string, heading: string): never {
  throw new Error(`${page} has no heading "${heading}"`);
}
