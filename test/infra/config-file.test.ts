import { execFile } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { findConfiguration } from "../../infra/config-file.ts";
import { context } from "./example.ts";

const folder = mkdtempSync(join(tmpdir(), "newsletter-sync-config-"));
const root = fileURLToPath(new URL("../..", import.meta.url));

function write(name: string, json: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(json));
  return path;
}

const contextWith = (values: Record<string, unknown>) => (name: string) => values[name];

test("the configuration is that of the option's file, else of the variable's, else the context", () => {
  const [option, variable] = [write("option.json", "option"), write("variable.json", "variable")];
  const newsletter = "context";
  expect(
    findConfiguration(contextWith({ config: option, newsletter }), { NEWSLETTER_CONFIG: variable }),
  ).toBe("option");
  expect(findConfiguration(contextWith({ newsletter }), { NEWSLETTER_CONFIG: variable })).toBe("variable");
  expect(findConfiguration(contextWith({ newsletter }), { NEWSLETTER_CONFIG: "" })).toBe("context");
  expect(findConfiguration(contextWith({}), {}, join(folder, "nowhere.json"))).toBeUndefined();
});

test("a file may be a cdk.json that holds it", () => {
  const path = write("cdk.json", { app: "node infra/app.ts", context: { newsletter: "here" } });
  expect(findConfiguration(contextWith({ config: path }), {})).toBe("here");
});

test("the usual file is taken where nothing names another one", () => {
  const usual = write("newsletter.json", "usual");
  expect(findConfiguration(contextWith({}), {}, usual)).toBe("usual");
  expect(findConfiguration(contextWith({ newsletter: "context" }), {}, usual)).toBe("context");
});

test("a file that is not there is an error that names the option", () => {
  expect(() => findConfiguration(contextWith({ config: "nowhere.json" }), {})).toThrow(
    "-c config nowhere.json: the file does not exist",
  );
});

test.each([
  ["YAML", "provider:\n  kind: ownpage\n", "not JSON at line 1, column 1: invalid symbol"],
  ["a comment", "{\n  // ours\n}", "not JSON at line 2, column 3: invalid comment token"],
  ["a word without quotes", '{\n  "a": 1,\n  "b": daily\n}', "not JSON at line 3, column 8: invalid symbol"],
  ["a comma too many", '{\n  "a": [1,\n  ]\n}', "not JSON at line 3, column 3: value expected"],
  ["a bracket too many", "{\n}\n}", "not JSON at line 3, column 1: end of file expected"],
  [
    "a list twice",
    '{ "lists": {\n  "d": {},\n  "\\u0064" : {} } }',
    "the field at line 3, column 3 stands twice",
  ],
])("%s is refused, with the line and the column", (_, text, problem) => {
  const path = join(folder, "text.json");
  writeFileSync(path, text);
  expect(() => findConfiguration(contextWith({ config: path }), {})).toThrow(`-c config ${path}: ${problem}`);
});

test("fields of one name in several objects, and texts that look like fields, are no repetition", () => {
  const json = {
    a: { a: 1, b: ["a", { a: '"a":{' }] },
    b: { a: "b", "}": "{", '\\"a': 1 },
    "": "",
    ":": [{}, {}],
  };
  expect(findConfiguration(contextWith({ config: write("nested.json", json) }), {})).toEqual(json);
});

function checkConfig(...options: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const script = join(root, "infra/check-config.ts");
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...options], (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

test("check-config says that a configuration is right, as the example is", async () => {
  const { status, stdout } = await checkConfig(join(root, "infra/newsletter.example.json"));
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: expect.stringMatching(/newsletter\.example\.json is right: production, daily, weekly\n$/),
  });
});

test("check-config says all that is wrong, with the fields that there are and the nearest one", async () => {
  const { daily, weekly } = context.newsletter.lists;
  const path = write("wrong.json", {
    ...context.newsletter,
    alarmMail: "ops@example.fr",
    lists: {
      daily: { ...daily, grace: 1, batchSize: 0 },
      weekly: { ...weekly, source: { kind: "csv", uri: "file:///weekly.csv" } },
      monthly: { ...weekly, onlyAtProvider: "return" },
      yearly: weekly,
    },
  });
  const { status, stderr } = await checkConfig(path);
  expect(status).toBe(1);
  const problems = stderr.trimEnd().split("\n  ").slice(1);
  expect(problems).toEqual([
    expect.stringMatching(/^lists\.daily\.batchSize: /),
    expect.stringMatching(/^lists\.daily: unknown field "grace".*: the fields are id, provider, /),
    expect.stringMatching(/^unknown field "alarmMail" \(did you mean "alarmEmail"\?\)/),
    expect.stringMatching(/^lists\.monthly\.onlyAtProvider: "return" needs "returns"/),
    expect.stringMatching(/^lists\.monthly\.id: has the id 124, as lists\.weekly has/),
    expect.stringMatching(/^lists\.yearly\.id: has the id 124, as lists\.weekly has/),
    expect.stringMatching(/^lists\.weekly\.source\.uri: expected s3:\/\/bucket\/key/),
  ]);
});

test("check-config names a file that it cannot read, once", async () => {
  expect(await checkConfig("nowhere.json")).toMatchObject({
    status: 1,
    stderr: "check-config nowhere.json: the file does not exist\n",
  });
});

test("check-config without a file says how it is called", async () => {
  expect(await checkConfig()).toMatchObject({ status: 2, stderr: "npm run check-config -- FILE\n" });
});
