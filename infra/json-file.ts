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
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FileError(option, path, `not JSON${placeOf(error as Error, text)}`);
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
function placeOf({ message }: Error, text: string): string {
  const [, problem = "", position] = /^([^"]+) in JSON at position (\d+)/.exec(message) ?? [];
  if (position === undefined && !message.startsWith("Unexpected end")) return "";
  const lines = text.slice(0, position === undefined ? text.length : Number(position)).split("\n");
  const place = ` at line ${lines.length}, column ${lines.at(-1)!.length + 1}`;
  return `${place}: ${problem === "" ? "it ends too early" : problem.toLowerCase()}`;
}
