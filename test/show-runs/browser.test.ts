import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { planPageKey, runPageKey } from "../../functions/platform/storage/page-keys.ts";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import { SyncWorld } from "../support/sync-world.ts";
import { testRun } from "../support/test-run.ts";
import { named, PagesWorld, runIdAt } from "./pages-world.ts";

const browser = ["chromium", "chromium-browser", "google-chrome"].find(
  (name) => spawnSync(name, ["--version"]).status === 0,
);
const folder = mkdtempSync(join(tmpdir(), "newsletter-sync-browser-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A run of which everything is long: what it did, what waits, and whom it is about. */
async function drawn(): Promise<Record<string, string>> {
  const long = { subscribed: true, fields: { data_firstname: "x".repeat(300) } };
  const world = new SyncWorld(
    Array.from({ length: 200 }, (_, n) => [`${"reader".repeat(10)}${n}@example.fr`, long] as const),
    Array.from({ length: 20 }, (_, n) => ({ email: `new${n}@example.fr`, fields: long.fields })),
  );
  const id = runIdAt(0);
  const run = { ...testRun<SyncReport>(), id };
  const error = await world.apply(run).catch(({ name, message, actor }) => ({ name, message, actor }));
  const summary = `daily: subscribed 20; 200 unsubscriptions wait for approval: ${JSON.stringify(run.report.check?.event)}`;
  const pages = new PagesWorld(world.store);
  const name = named(id);
  const report = { outcome: "failed", startedBy: "schedule", summary, error, remaining: run.report.planned };
  await pages.report(name, {
    ...report,
    ...run.report,
    files: [{ group: "subscribe", rows: 5, bytes: 1e9 }],
  });
  await pages.show(name);
  const keys = { run: runPageKey(name), plan: planPageKey("daily", id), index: "reports/index.html" };
  return Object.fromEntries(Object.entries(keys).map(([page, key]) => [page, pages.text(key)]));
}

/** How wide a page is in a frame of a phone's width, with all of its folds open; the page itself runs no script. */
function widthIn(page: string, frame: number): number {
  const opened = page.replaceAll(/<details( class="printed")?>/g, "<details open>");
  const quoted = opened.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  const path = join(folder, "frame.html");
  const measure =
    "document.title = document.querySelector('iframe').contentDocument.documentElement.scrollWidth";
  writeFileSync(
    path,
    `<!doctype html><iframe style="width:${frame}px;height:800px;border:0" onload="${measure}" srcdoc="${quoted}"></iframe>`,
  );
  const options = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    `--user-data-dir=${folder}/profile`,
    "--dump-dom",
  ];
  const dom = execFileSync(browser ?? "", [...options, `file://${path}`], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  return Number(/<title>(\d+)<\/title>/.exec(dom.toString())?.[1]);
}

test.skipIf(browser === undefined)(
  "in a browser, no page is wider than a phone",
  async () => {
    const pages = await drawn();
    const widths = Object.entries(pages).map(([name, page]) => [name, widthIn(page, 360)]);
    expect(widths).toEqual([
      ["run", 360],
      ["plan", 360],
      ["index", 360],
    ]);
  },
  120_000,
);

test("no page asks for anything from elsewhere, or runs a script", async () => {
  for (const page of Object.values(await drawn())) {
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\((?!#)|\son\w+=|\ssrc(set)?=/i);
    expect(page).toMatch(/^<!DOCTYPE html>\n<html lang="en">/);
    expect(page).toContain("default-src 'none'");
  }
});
