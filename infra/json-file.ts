import { readFileSync } from "node:fs";

/** A file that a command line names is wrong; how to call the command is not in question. */
export class FileError extends Error {
  constructor(option: string, path: string, problem: string) {
    super(`${option} ${path}: ${problem}`);
  }
}

const problems: Readonly<Record<string, string>> = {
  ENOENT: "the file does not exist",
  ENOTDIR: "the file does not exist",
  EISDIR: "is a folder, expected a file",
  EACCES: "you are not allowed to read the file",
};

/**
 * Reads a JSON file that an option names, as any editor writes it: with or without a byte order mark.
 *
 * @throws FileError with the option and the path, and never a part of the file, which may hold secrets
 */
export function readJsonFile(option: string, path: string): unknown {
  const text = decode(option, path, readBytes(option, path)).replace(/^\uFEFF/, "");
  if (text.trim() === "") throw new FileError(option, path, "the file is empty, expected JSON");
  const json = parse(text, (problem) => new FileError(option, path, `not JSON${problem}`));
  const repeated = findRepeatedField(text);
  if (repeated === undefined) return json;
  throw new FileError(option, path, `the field${placeAt(text, repeated)} stands twice in its object`);
}

function parse(text: string, errorOf: (problem: string) => Error): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw errorOf(problemOf(error as Error, text));
  }
}

function readBytes(option: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    throw new FileError(option, path, problems[code] ?? `the file cannot be read (${code})`);
  }
}

function decode(option: string, path: string, bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new FileError(option, path, "the file is not in UTF-8: save it as UTF-8");
  }
}

/** ` at line 2, column 1: expected …`, as far as the parser tells it without quoting the text. */
function problemOf({ message }: Error, text: string): string {
  if (isUnexpected(message)) return `${placeAt(text, unexpectedIn(text))}: unexpected character`;
  const [, problem = "it ends too early", position] =
    /^([^"]+?)(?: in JSON)? at position (\d+)/.exec(message) ?? [];
  if (position === undefined && !message.startsWith("Unexpected end")) return "";
  return `${placeAt(text, Number(position ?? text.length))}: ${problem.charAt(0).toLowerCase()}${problem.slice(1)}`;
}

const isUnexpected = (message: string) => message.startsWith("Unexpected token");

/** Of this error the parser quotes the text around it, and not where it is: where the shortest text that has it ends. */
function unexpectedIn(text: string): number {
  let [right, wrong] = [0, text.length];
  while (wrong - right > 1) {
    const middle = Math.floor((right + wrong) / 2);
    if (hasUnexpected(text.slice(0, middle))) wrong = middle;
    else right = middle;
  }
  return right;
}

function hasUnexpected(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    return isUnexpected((error as Error).message);
  }
}

/**
 * Where an object has a field for the second time. The parser keeps the last one and says nothing: of two lists of one name,
 * the first would be gone.
 *
 * @param text valid JSON
 */
function findRepeatedField(text: string): number | undefined {
  const objects: Set<string>[] = [];
  for (const { 0: token, 1: name, index } of text.matchAll(/("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}]/g)) {
    const fields = objects.at(-1);
    if (token === "{") objects.push(new Set());
    else if (token === "}") objects.pop();
    else if (name !== undefined && token !== name) {
      const field: string = JSON.parse(name);
      if (fields?.has(field)) return index;
      fields?.add(field);
    }
  }
  return undefined;
}

function placeAt(text: string, position: number): string {
  const lines = text.slice(0, position).split("\n");
  return ` at line ${lines.length}, column ${lines.at(-1)!.length + 1}`;
}
