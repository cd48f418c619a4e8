import { readFileSync } from "node:fs";
import { type JSONVisitor, printParseErrorCode, visit } from "jsonc-parser";

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
  const problem = findProblem(text);
  if (problem !== undefined) throw new FileError(option, path, problem);
  return JSON.parse(text);
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

/** The first thing that is wrong with a text, and where; never a part of the text. */
function findProblem(text: string): string | undefined {
  const problems: string[] = [];
  const placeOf = (line: number, column: number) => `at line ${line + 1}, column ${column + 1}`;
  const end = text.trimEnd().length;
  const objects: Set<string>[] = [];
  const visitor: JSONVisitor = {
    onObjectBegin: () => void objects.push(new Set()),
    onObjectEnd: () => void objects.pop(),
    // A parser keeps the last one and says nothing: of two lists of one name, the first would be gone.
    onObjectProperty: (name, _offset, _length, line, column) => {
      const fields = objects.at(-1)!;
      if (fields.has(name)) problems.push(`the field ${placeOf(line, column)} stands twice in its object`);
      fields.add(name);
    },
    onError: (code, offset, _length, line, column) => {
      const what = offset >= end ? "it ends too early" : inWords(printParseErrorCode(code));
      problems.push(`not JSON ${placeOf(line, column)}: ${what}`);
    },
  };
  visit(text, visitor, { disallowComments: true });
  return problems[0];
}

/** `PropertyNameExpected` → `property name expected` */
function inWords(name: string): string {
  return name.replace(/\B[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
}
