import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { blocksIn, exists, pages, readPage, sectionOf, withoutFences } from "./read-pages.ts";

const everyPage = [...pages.keys()];

/** What GitHub makes of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} -]/gu, "")
    .replaceAll(" ", "-");
}

function anchorsOf(page: string): string[] {
  return [...withoutFences(readPage(page)).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    anchorOf(heading),
  );
}

/** The targets of the links within the project, each with its anchor, if it has one. */
function linksOf(page: string): { path: string; anchor: string | undefined }[] {
  const targets = [...withoutFences(readPage(page)).matchAll(/\]\(([^)]+)\)/g)].map(
    ([, target = ""]) => target,
  );
  return targets
    .filter((target) => !target.startsWith("https://"))
    .map((target) => {
      const [path = "", anchor] = target.split("#");
      return { path: path === "" ? page : join(dirname(page), path), anchor };
    });
}

/** The files and folders of the project that a page names, without those whose KIND or JOB is to be filled in. */
function pathsOf(page: string): string[] {
  const paths = readPage(page).match(/(?<![\w./-])(?:functions|infra|test|docs)\/[\w./-]*[\w/]/g) ?? [];
  return paths.filter((path) => !/KIND|JOB/.test(path));
}

test.each(everyPage)("every link of %s leads somewhere", (page) => {
  for (const { path, anchor } of linksOf(page)) {
    expect(exists(path), path).toBe(true);
    if (anchor !== undefined) expect(anchorsOf(path), path).toContain(anchor);
  }
});

test.each(everyPage)("every path that %s names exists", (page) => {
  expect(pathsOf(page).filter((path) => !exists(path))).toEqual([]);
});

test("the rooms that the design draws exist", () => {
  const [drawing = ""] = blocksIn(sectionOf("docs/design.md", "The rooms"), "");
  const folders: string[] = [];
  const rooms = [...drawing.matchAll(/^( *)(\S+)/gm)].map(([, indent = "", name = ""]) => {
    folders.length = indent.length / 2;
    folders.push(name);
    return join(...folders);
  });
  expect(rooms.length).toBeGreaterThan(30);
  expect(rooms.filter((room) => !exists(room))).toEqual([]);
});

test("the index of the documentation leads to every page", () => {
  const listed = linksOf("docs/README.md").map(({ path }) => path);
  const others = everyPage.filter((page) => page !== "docs/README.md" && page !== "README.md");
  expect(others.filter((page) => !listed.includes(page))).toEqual([]);
});

test.each(everyPage.filter((page) => page.startsWith("docs/decisions/")))(
  "%s has a number, a status and a date",
  (page) => {
    const [, number = ""] = /(\d{4})-/.exec(page) ?? [];
    expect(readPage(page)).toMatch(
      new RegExp(`^# ${number}: .+\n\n(Accepted|Superseded) \\d{4}-\\d\\d-\\d\\d`),
    );
  },
);
