import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { reportKey } from "../../functions/platform/storage/object-keys.ts";
import { indexPageKey } from "../../functions/platform/storage/page-keys.ts";
import { withExchange } from "../../infra/local/exchange.ts";
import { type LocalAws, startLocalAws } from "../../infra/local/local-aws.ts";
import { drawMissing, drawPage, indexIn } from "../../infra/local/local-pages.ts";
import { runIdAt } from "../show-runs/pages-world.ts";
import { keysOf } from "../support/keys-of.ts";

const folder = mkdtempSync(join(tmpdir(), "newsletter-sync-pages-"));
let aws: LocalAws;

beforeAll(async () => {
  aws = await startLocalAws({ variables: {}, secrets: {} });
});
afterAll(async () => {
  await aws.stop();
  rmSync(folder, { recursive: true });
});

async function putReport(day: number): Promise<string> {
  const key = reportKey("sync-subscribers", "daily", runIdAt(day));
  const report = { outcome: "succeeded", summary: "daily: nothing to do", current: { subscribed: 5 } };
  await withExchange(aws.environment, ({ store }) => store.put(key, Buffer.from(JSON.stringify(report))));
  return key;
}

test("the page of a run is a file, whose links lead to files", async () => {
  const path = (await drawPage(aws.environment, await putReport(0), folder)) ?? "";
  const links = [...readFileSync(path, "utf8").matchAll(/ href="([^"#:]+)"/g)].map(([, link = ""]) => link);
  expect(links).toEqual(["../../index.html", `${runIdAt(0)}.json`]);
  expect(links.map((link) => existsSync(join(dirname(path), link)))).toEqual([true, true]);
});

test("a browser is told that a page is one", async () => {
  const [page] = await keysOf(aws.environment, "reports/sync-subscribers/");
  const { AWS_ENDPOINT_URL_S3: url, EXCHANGE_BUCKET: bucket } = aws.environment;
  const { headers } = await fetch(`${url}/${bucket}/${page}`, { method: "HEAD" });
  expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
});

test("runs without a page get one, and are in the index", async () => {
  await putReport(1);
  expect(await withExchange(aws.environment, drawMissing)).toBe(2);
  expect((await keysOf(aws.environment, "reports/")).filter((key) => key.endsWith(".html"))).toHaveLength(3);
});

test("the pages of the demonstration are opened where the user has made no run", () => {
  const [own, demonstration] = [join(folder, "own"), join(folder, "demonstration")];
  const write = (root: string) => {
    mkdirSync(join(root, "reports"), { recursive: true });
    writeFileSync(join(root, indexPageKey), "");
  };
  const found = () => indexIn([own, demonstration]);
  expect(found()).toBeUndefined();
  write(demonstration);
  expect(found()).toBe(join(demonstration, indexPageKey));
  write(own);
  expect(found()).toBe(join(own, indexPageKey));
});

test("what is no report of a run has no page", async () => {
  expect(await drawPage(aws.environment, "", folder)).toBeUndefined();
});
