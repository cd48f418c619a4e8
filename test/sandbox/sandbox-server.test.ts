import { expect, onTestFinished, test } from "vitest";
import { jsonAnswer } from "../../infra/sandbox/answer.ts";
import { templateOf } from "../../infra/sandbox/route.ts";
import { type SandboxApi, SandboxServer } from "../../infra/sandbox/sandbox-server.ts";

/** The smallest provider that there could be. */
const greeter: SandboxApi = {
  basePath: "/v3",
  controls: [
    { method: "GET", template: "/sandbox/names/NAME", answer: ({ values }) => jsonAnswer(values["NAME"]) },
  ],
  templateOf: ({ path }) => templateOf([{ method: "GET", template: "/greetings/NAME" }], path),
  answer: async ({ path }) => jsonAnswer(`hello from ${path}`),
};

async function start() {
  const server = new SandboxServer(greeter, { delayMs: 0, keepBodies: true });
  const url = await server.start(0);
  onTestFinished(() => server.stop());
  const read = async (path: string) => (await fetch(new URL(path, url))).json();
  return { url, server, read };
}

test("any provider's API is served below its base path, and logged", async () => {
  const { url, server, read } = await start();
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v3$/);
  expect(await read("/v3/greetings/ada?loud=yes")).toBe("hello from /greetings/ada");
  expect(server.traffic.requests).toMatchObject([
    {
      method: "GET",
      template: "/greetings/NAME",
      path: "/greetings/ada",
      query: { loud: "yes" },
      status: 200,
    },
  ]);
});

test("a provider's own controls stand beside those that every sandbox has", async () => {
  const { read } = await start();
  expect(await read("/sandbox/names/ada")).toBe("ada");
  expect(await read("/sandbox/requests")).toEqual([]);
  expect(await read("/sandbox/help")).toMatchObject({
    status: 404,
    cause: expect.stringMatching(/POST \/sandbox\/faults, .*GET \/sandbox\/names\/NAME/),
  });
});

test("a server is stopped once, however often it is told to", async () => {
  const { server, url } = await start();
  await Promise.all([server.stop(), server.stop()]);
  await expect(fetch(url)).rejects.toThrow();
});
