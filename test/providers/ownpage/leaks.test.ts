import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { describeError } from "../../../functions/platform/describe-error.ts";
import { createOwnpageClient, type OwnpageClient } from "../../../functions/providers/ownpage/client.ts";
import { createOwnpageEventFiles } from "../../../functions/providers/ownpage/ownpage-event-files.ts";
import { createSession } from "../../../functions/providers/ownpage/session.ts";
import { secretWords } from "../../../infra/sandbox/leaky-answer.ts";
import { type Answer, json, scriptedServer } from "../../platform/http/scripted-server.ts";
import { listId, optionsFor, signal } from "./connect.ts";

const secrets = /leaky|example\.fr|l3aky/;

type Options = ReturnType<typeof optionsFor>;
const client = (options: Options): OwnpageClient => createOwnpageClient(createSession(options), listId);
const none = { signal, onSend: () => {}, placeOf: (position: number) => position };

/** Every call, and what of its answer may be told. */
const calls: Record<string, (options: Options) => Promise<unknown>> = {
  count: (options) => client(options).count(signal),
  search: async (options) => (await client(options).findSubscribers({}, signal)).length,
  write: async (options) => {
    const { errors, ...counters } = await client(options).write(async () => [{ email: "a@x.fr" }], none);
    return [errors.length, counters];
  },
  import: (options) => client(options).importFile({ listId, url: "https://x.fr" }, signal),
  optIn: (options) => client(options).optIn({ trackingKey: "t", formKey: "f" }, { email: "a@x.fr" }, signal),
  events: async (options) => {
    const file = { event: "nl_bounce", date: "2018-03-25" } as const;
    return (await createOwnpageEventFiles(options).openEvents(file, signal)).outcome;
  },
};

const raw =
  (head: string): Answer =>
  (response) =>
    response.socket?.end(head);
const tells = (code: number, body: unknown = secretWords): Answer =>
  json(body, code, { location: secretWords, allow: secretWords });
const counts = { subscribed: 1, unsubscribed: 2, cause: { [secretWords]: 3 } };
const answers: Record<string, Answer> = {
  "a text": tells(200),
  "a list of texts": tells(200, [secretWords, { [secretWords]: secretWords }]),
  "the documented fields, as texts": tells(200, {
    token: secretWords,
    subscribed: secretWords,
    unsubscribed: { [secretWords]: 1 },
    report: { errors: [secretWords], nb_created: secretWords },
    id: secretWords,
    status: secretWords,
    size: secretWords,
  }),
  "the documented fields, with texts beside them": tells(200, {
    ...counts,
    report: { errors: [secretWords], [secretWords]: secretWords },
    id: secretWords,
    status: secretWords,
    size: 1,
    success: secretWords,
    [secretWords]: secretWords,
  }),
  "no JSON": (response) => response.end(`{"${secretWords}`),
  "another encoding": (response) =>
    response.writeHead(200, { "content-encoding": secretWords }).end(secretWords),
  "a time to wait": json({}, 429, { "retry-after": secretWords }),
  "no HTTP": raw(`${secretWords}\r\n\r\n`),
  "a header without a name": raw(`HTTP/1.1 200 ${secretWords}\r\n: ${secretWords}\r\n\r\n${secretWords}`),
  "a length that is none": raw(`HTTP/1.1 200 OK\r\ncontent-length: ${secretWords}\r\n\r\n`),
  "a piece of a length that is none": raw(
    `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${secretWords}\r\n`,
  ),
  "a body that ends early": raw(`HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n${secretWords}`),
  ...Object.fromEntries(
    [301, 302, 400, 401, 402, 403, 404, 405, 408, 409, 413, 415, 422, 451, 500, 503].map((code) => [
      `status ${code}`,
      tells(code, { status: secretWords, message: `L1: ${secretWords}`, cause: secretWords }),
    ]),
  ),
};

describe.each(Object.entries(calls))(
  "of an answer to %s, neither result nor error nor log tells",
  (_, call) => {
    test.each(Object.entries(answers))("%s", async (_name, answer) => {
      for (const before of [[json({ token: "t" })], []]) {
        const { url } = await scriptedServer(...before, answer);
        const options = optionsFor({ url, credentials: { client: "demo", apiKey: "l3aky-key" } });
        const told = await call(options).then(JSON.stringify, (error: unknown) => [
          inspect(error, { depth: null, showHidden: true }),
          JSON.stringify([error, describeError(error)]),
        ]);
        expect(String(told)).not.toMatch(secrets);
      }
    });
  },
);
