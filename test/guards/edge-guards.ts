import type { GuardGroup } from "./guard.ts";

const ownpage = "functions/providers/ownpage";
const platform = "functions/platform";

export const edgeGuards: GuardGroup = {
  isSimulated: true,
  tests: [
    "test/providers/ownpage/ownpage-provider",
    "test/providers/ownpage/client",
    "test/providers/ownpage/look-again",
    "test/providers/ownpage/look-for-new",
    "test/providers/provider-contract",
    "test/sync-subscribers/applying",
    "test/providers/ownpage/pages/read-pages",
    "test/platform/http",
    "test/platform/storage/ndjson-chunks",
    "test/platform/storage/file-store",
    "test/platform/create-handler",
  ],
  guards: [
    {
      keeps: "a part of a file is not taken for the whole",
      file: "functions/platform/http/http-stream.ts",
      code: "if (!wholeStatuses.includes(response.status)) {",
      broken: "if (false) {",
    },
    {
      keeps: "a new row does not say that it is subscribed",
      file: `${ownpage}/write-batch.ts`,
      code: "return { email, ...change.fields };",
      broken: "return { email, subscribed: true, ...change.fields };",
    },
    {
      keeps: "an unsubscription says its cause",
      file: `${ownpage}/write-batch.ts`,
      code: ", unsubscribed_cause: change.cause",
      broken: "",
    },
    {
      keeps: "a resubscription is looked up again before it is sent",
      file: `${ownpage}/look-before-sending.ts`,
      code: "resubscriptions.filter((change) => !asSeen.has(change))",
      broken: "[]",
    },
    {
      keeps: "a new address that the list has meanwhile in another spelling, or unsubscribed, is not sent",
      file: `${ownpage}/look-for-new.ts`,
      code: "(row.subscribed && row.email === change.email ? held : overtaken)",
      broken: "held",
    },
    {
      keeps: "many new addresses are looked for when the list has another size than it should",
      file: `${ownpage}/list-size.ts`,
      code: "if (least <= counted && counted <= most) return true;",
      broken: "return true;",
    },
    {
      keeps: "a list that never rests is not read without end",
      file: `${ownpage}/look-before-sending.ts`,
      code: "isUnchanged || readings === maxReadings",
      broken: "isUnchanged",
    },
    {
      keeps: "an error in the report of an accepted batch refuses the row that it names",
      file: `${ownpage}/write-batch.ts`,
      code: "const lines = readError(error);",
      broken: "const lines = readError(error).slice(0, 0);",
    },
    {
      keeps: "a throttled batch is not halved",
      file: `${platform}/http/http.ts`,
      code: "mayBeRows && !fault.isOfAll",
      broken: "mayBeRows",
    },
    {
      keeps: "a batch that takes the provider a minute to fail at is not sent six times",
      file: `${platform}/http/http.ts`,
      code: "tried.attempts >= attempts || clock.now() - tried.since >= ms",
      broken: "false",
    },
    {
      keeps: "a resubscription is looked up again before it is sent again",
      file: "functions/platform/http/http.ts",
      code: 'typeof call.body === "function" ? await call.body() : call.body',
      broken: 'typeof call.body === "function" ? await (call.body.made ??= call.body()) : call.body',
    },
    {
      keeps: "a reader unsubscribed again since the plan was made is not resubscribed",
      file: `${ownpage}/look-again.ts`,
      code: " && own.unsubscribedAt === seenAt",
      broken: "",
    },
    {
      keeps: "a reader unsubscribed meanwhile under another spelling is not resubscribed",
      file: `${ownpage}/look-again.ts`,
      code: "!left && ",
      broken: "",
    },
    {
      keeps: "a refused line is looked up in the whole batch, not in the part that was sent",
      file: `${ownpage}/write-batch.ts`,
      code: "changes.indexOf(sent[position]!)",
      broken: "position",
    },
    {
      keeps: "the list is read with its unsubscribed addresses",
      file: `${ownpage}/ownpage-provider.ts`,
      code: 'reader.pages("all", reading)',
      broken: 'reader.pages("subscribed", reading)',
    },
    {
      keeps: "no more pages are in flight than allowed, retries included",
      file: `${ownpage}/pages/list-reader.ts`,
      code: "acquire: async () => (release = await acquire()),",
      broken: "",
    },
    {
      keeps: "a short page ends the reading, and a full one does not",
      file: `${ownpage}/pages/read-pages.ts`,
      code: "isOver ||= page.records.count < pageRows;",
      broken: "isOver = true;",
    },
    {
      keeps: "Retry-After is obeyed",
      file: `${platform}/http/http.ts`,
      code: "retryDelayMs(tried.attempts, error.retryAfterMs, random())",
      broken: "retryDelayMs(tried.attempts, undefined, random())",
    },
    {
      keeps: "nothing is waited for beyond the function's time",
      file: `${platform}/http/http.ts`,
      code: "if (clock.now() + ms >= deadline)",
      broken: "if (false)",
    },
    {
      keeps: "a stored chunk that was altered is not read",
      file: `${platform}/storage/ndjson-chunks.ts`,
      code: "sha256 !== undefined && sha256Of(ndjson) !== sha256",
      broken: "false",
    },
    {
      keeps: "a file that must be new replaces nothing",
      file: `${platform}/storage/file-store.ts`,
      code: '...(ifAbsent && { IfNoneMatch: "*" }),',
      broken: "",
    },
    {
      keeps: "a file replaces only the version that was looked at",
      file: `${platform}/storage/file-store.ts`,
      code: "...(ifMatch !== undefined && { IfMatch: ifMatch }),",
      broken: "",
    },
    {
      keeps: "a label belongs to the file that it was given to",
      file: `${platform}/storage/file-store.ts`,
      code: "etag === file.etag ? labels : {}",
      broken: "labels",
    },
    {
      keeps: "a link does not claim to live longer than its credentials",
      file: `${platform}/storage/file-store.ts`,
      code: "Math.min(lifeMs, leftMs)",
      broken: "lifeMs",
    },
    {
      keeps: "an unknown list does not become a metric's dimension",
      file: `${platform}/create-handler.ts`,
      code: 'failure instanceof InvalidEventError ? "unknown" : ',
      broken: "",
    },
    {
      keeps: "a run by hand does not end the alarm for silence",
      file: `${platform}/create-handler.ts`,
      code: "failure !== undefined || job.isRoutine(event)",
      broken: "true",
    },
  ],
};
