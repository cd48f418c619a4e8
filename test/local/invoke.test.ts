import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { FileError } from "../../infra/json-file.ts";
import { parseInvokeCommand } from "../../infra/local/invoke-command.ts";
import { invokeLocally } from "../../infra/local/invoke-locally.ts";

const folder = mkdtempSync(join(tmpdir(), "newsletter-sync-invoke-"));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

function writeAs(name: string, encoding: BufferEncoding): string {
  const path = join(folder, name);
  writeFileSync(path, "\uFEFF{}", encoding);
  return path;
}

const newsletter = {
  provider: { kind: "ownpage", baseUrl: "https://services.ownpage.fr/v1", secret: "ownpage" },
  lists: { daily: { id: 123, source: { kind: "csv", uri: "s3://exports/daily.csv" }, limits: {} } },
};
const config = write("newsletter.json", newsletter);
const credentials = { ownpage: { client: "demo", apiKey: "k" } };
const secretsFile = write("secrets.json", credentials);
const withoutSecrets = ["sync-subscribers", '{"list":"daily"}', "--config", config];
const good = [...withoutSecrets, "--secrets", secretsFile];

describe("the command line", () => {
  test("names a function, an event and a configuration, of which the function gets its share", () => {
    const command = parseInvokeCommand([...good, "--timeout", "1.5", "--memory", "512"], {});
    expect(command).toMatchObject({
      functionName: "sync-subscribers",
      event: { list: "daily" },
      configuration: { lists: { daily: { id: 123 } } },
      secrets: credentials,
      isRealAws: false,
      timeoutMs: 1500,
      memoryMb: 512,
    });
  });

  test.each([
    [[], undefined],
    [["--inspect"], 0],
    [["--inspect=9229"], 9229],
  ])("with %j has the function wait for a debugger on port %s", (options, inspectPort) => {
    expect(parseInvokeCommand([...options, ...good], {})).toMatchObject({ inspectPort });
  });

  test("may name a cdk.json as the configuration", () => {
    const cdk = write("cdk.json", { app: "node infra/app.ts", context: { newsletter } });
    const fromCdk = parseInvokeCommand([...good, "--config", cdk], {});
    expect(fromCdk.configuration).toEqual(parseInvokeCommand(good, {}).configuration);
  });

  const notJson = write("not.json", "{\n");
  const wrong = write("wrong.json", { ...newsletter, timeZone: "Paris" });
  test.each([
    ["an unknown function", ["sync", "{}"], 'there is no function "sync"; the functions are'],
    [
      "an event that is not JSON",
      ["sync-subscribers", "{list:daily}"],
      "the event is not JSON: {list:daily}",
    ],
    ["no event", ["sync-subscribers", "--config", config], "the event is missing"],
    ["two events", ["sync-subscribers", "{}", "{}", "--config", config], "expected one event, in quotes"],
    ["no configuration", ["sync-subscribers", "{}"], "--config FILE is missing"],
    ["an unknown option", [...good, "--dry-run"], "Unknown option '--dry-run'"],
    ["a bad time limit", [...good, "--timeout", "soon"], "--timeout takes a number from 1 to 900"],
    ["more time than a timer holds", [...good, "--timeout", "1e9"], "--timeout takes a number from 1 to 900"],
    [
      "less memory than a function gets",
      [...good, "--memory", "1"],
      "--memory takes a number from 128 to 10240",
    ],
    ["no secrets", withoutSecrets, '--secrets FILE is missing: this run needs "ownpage"'],
    [
      "a port that is none",
      [...good, "--inspect=soon"],
      "--inspect takes a port, as in --inspect=9229, not soon",
    ],
    [
      "a debugger with real AWS",
      [...withoutSecrets, "--inspect", "--aws"],
      "--inspect cannot be used with --aws",
    ],
    ["AWS without its buckets", [...withoutSecrets, "--aws"], "--aws needs the variables EXCHANGE_BUCKET"],
  ])("%s is refused, with an example of a good command", (_, args, problem) => {
    const parse = () => parseInvokeCommand(args, {});
    expect(parse).toThrow(problem);
    expect(parse).toThrow(`npm run invoke -- sync-subscribers '{"list":"daily","mode":"plan"}' --config`);
  });

  test.each([
    ["that does not exist", "--config", "/no/file", "the file does not exist"],
    ["that is a folder", "--config", folder, "is a folder, expected a file"],
    ["that is empty", "--secrets", write("empty.json", " \n"), "the file is empty, expected JSON"],
    ["that is not JSON", "--config", notJson, "not JSON at line 2, column 1: it ends too early"],
    [
      "that ends too early",
      "--config",
      write("cut.json", '{"a":\n'),
      "not JSON at line 2, column 1: it ends",
    ],
    ["that holds a word", "--secrets", write("word.json", '{"a": s3cret}'), ": not JSON"],
    ["in UTF-16", "--config", writeAs("utf16.json", "utf16le"), "is not in UTF-8: save it as UTF-8"],
    ["with an invalid configuration", "--config", wrong, "timeZone: expected a time zone's name"],
    ["without a secret", "--secrets", write("others.json", { own: {} }), 'it does not have "ownpage", which'],
    ["of secrets that is not an object", "--secrets", write("list.json", [1]), "a JSON object of secrets"],
    [
      "of one secret without its name",
      "--secrets",
      write("flat.json", { client: "a", apiKey: "k" }),
      "a JSON object of secrets by name",
    ],
  ])("a file %s is reported with its option, and its content is not shown", (_, option, path, problem) => {
    const args = option === "--config" ? ["sync-subscribers", "{}"] : good;
    const parse = () => parseInvokeCommand([...args, option, path], {});
    expect(parse).toThrow(FileError);
    expect(parse).toThrow(`${option} ${path}: `);
    expect(parse).toThrow(problem);
    expect(parse).not.toThrow("s3cret");
  });

  test("takes files as editors of Windows write them: with a byte order mark and CRLF", () => {
    const written = (name: string, value: unknown) =>
      write(name, `\uFEFF${JSON.stringify(value, null, 2)}`.replaceAll("\n", "\r\n"));
    const files = [
      "--config",
      written("crlf.json", newsletter),
      "--secrets",
      written("bom.json", credentials),
    ];
    expect(parseInvokeCommand([...withoutSecrets, ...files], {})).toEqual(parseInvokeCommand(good, {}));
  });

  test("asks for the secrets of the list that the event names, and for no other's", () => {
    const postgres = { kind: "postgres", secret: "database", query: "select 1" };
    const own = { kind: "ownpage", secret: "weekly-account" };
    const weekly = { id: 124, provider: own, source: postgres };
    const both = write("both.json", { ...newsletter, lists: { ...newsletter.lists, weekly } });
    const parse = (event: string) => () =>
      parseInvokeCommand(["sync-subscribers", event, "--config", both, "--secrets", secretsFile], {});
    expect(parse('{"list":"daily"}')).not.toThrow();
    expect(parse('{"list":"weekly"}')).toThrow('it does not have "weekly-account" and "database"');
    // The function itself knows best what is wrong with these.
    expect(parse('{"list":"monthly"}')).not.toThrow();
    expect(parse("[]")).not.toThrow();
  });

  test("asks for the secret of the list's returns, which only a sync gives back", () => {
    const returns = { kind: "postgres", secret: "writer", statements: ["select 1"] };
    const daily = { ...newsletter.lists.daily, returns };
    const config = write("returns.json", { ...newsletter, lists: { daily } });
    const parse = (functionName: string) => () =>
      parseInvokeCommand(
        [functionName, '{"list":"daily"}', "--config", config, "--secrets", secretsFile],
        {},
      );
    expect(parse("sync-subscribers")).toThrow('it does not have "writer"');
    expect(parse("import-subscribers")).not.toThrow();
  });

  test("need not give secrets that are kept from an earlier run", () => {
    expect(parseInvokeCommand(withoutSecrets, {}, ["ownpage"]).secrets).toEqual({});
    expect(() => parseInvokeCommand(withoutSecrets, {}, ["another"])).toThrow('this run needs "ownpage"');
  });

  test("must not name secrets that would not be used", () => {
    const variables = { AWS_ENDPOINT_URL: "http://127.0.0.1:4566" };
    expect(() => parseInvokeCommand(good, variables)).toThrow("--secrets fills the embedded Secrets Manager");
    expect(parseInvokeCommand(withoutSecrets, variables).secrets).toEqual({});
  });
});

test("a wrong command exits with status 2, an explanation, and nothing on standard output", () => {
  const script = fileURLToPath(new URL("../../infra/local/invoke.ts", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...good, "--no-such-option"]);
  expect(String(stderr)).toContain("Unknown option '--no-such-option'");
  expect({ status, stdout: String(stdout) }).toEqual({ status: 2, stdout: "" });
});

test("an invocation has a task root of its own, with the bundle, its source map and the configuration", async () => {
  const { result, peakMemoryMb } = await invokeLocally({
    functionName: "fixture",
    entry: fileURLToPath(new URL("fixtures/function.ts", import.meta.url)),
    configuration: { lists: {} },
    environment: { OURS: "yes" },
    event: { do: "lookAround" },
    onLine: () => {},
  });
  const { payload } = result as { payload: { environment: Record<string, string>; files: object } };
  expect(payload.files).toEqual({
    "configuration.json": '{"lists":{}}',
    "index.mjs": expect.stringContaining("sourceMappingURL=index.mjs.map"),
    "index.mjs.map": expect.stringContaining("fixtures/function.ts"),
  });
  expect(payload.environment).toMatchObject({ OURS: "yes", POWERTOOLS_METRICS_NAMESPACE: "NewsletterSync" });
  expect(peakMemoryMb).toBeGreaterThan(20);

  const taskRoot = payload.environment["LAMBDA_TASK_ROOT"] ?? "";
  expect(existsSync(taskRoot)).toBe(false);
});

test("an interrupted command leaves no task root behind", () => {
  const script = fileURLToPath(new URL("fixtures/interrupted-command.ts", import.meta.url));
  const { status, stdout } = spawnSync(process.execPath, [script], { encoding: "utf8" });
  expect({ status, stdout }).toEqual({
    status: 3,
    stdout: expect.stringMatching(/functions.fixture-\d+-\w+$/),
  });
  expect(existsSync(stdout)).toBe(false);
});
