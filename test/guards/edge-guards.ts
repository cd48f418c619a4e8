import type { GuardGroup } from "./guard.ts";

const ownpage = "functions/providers/ownpage";
const platform = "functions/platform";

export const edgeGuards: GuardGroup = {
  isSimulated: true,
  tests: [
    "test/providers/ownpage/ownpage-provider",
    "test/providers/ownpage/client",
    "test/providers/ownpage/look-again",
    "test/providers/ownpage/pages/read-pages",
    "test/platform/http",
    "test/platform/storage/ndjson-chunks",
    "test/platform/storage/file-store",
    "test/platform/create-handler",
  ],
  guards: [
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
      keeps: "a resubscription is looked at again before it is sent",
      file: `${ownpage}/write-batch.ts`,
      code: "filter((change) => !asSeen.has(change))",
      broken: "filter(() => false)",
    },
    {
      keeps: "a resubscription that is sent again is looked at again",
      file: "functions/platform/http/http.ts",
      code: 'typeof call.body === "function" ? await call.body() : call.body',
      broken: 'typeof call.body === "function" ? await (call.body.made ??= call.body()) : call.body',
    },
    {
      keeps: "who was unsubscribed anew since the plan saw it is not resubscribed",
      file: `${ownpage}/look-again.ts`,
      code: " && own.unsubscribedAt === seenAt",
      broken: "",
    },
    {
      keeps: "who was unsubscribed meanwhile in another spelling is not resubscribed",
      file: `${ownpage}/look-again.ts`,
      code: "!left && ",
      broken: "",
    },
    {
      keeps: "a line that is refused is found in the batch, not in what was left of it",
      file: `${ownpage}/write-batch.ts`,
      code: "changes.indexOf(sent[position]!)",
      broken: "position",
    },
    {
      keeps: "the list is read with all that are unsubscribed",
      file: `${ownpage}/ownpage-provider.ts`,
      code: 'reader.pages("all", reading)',
      broken: 'reader.pages("subscribed", reading)',
    },
    {
      keeps: "no more pages are under way than may be, repeated ones included",
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
      keeps: "a file does not replace one that must not be there",
      file: `${platform}/storage/file-store.ts`,
      code: '...(ifAbsent && { IfNoneMatch: "*" }),',
      broken: "",
    },
    {
      keeps: "a file does not replace another than the one that was looked at",
      file: `${platform}/storage/file-store.ts`,
      code: "...(ifMatch !== undefined && { IfMatch: ifMatch }),",
      broken: "",
    },
    {
      keeps: "a label is of the file that it was given to",
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
      keeps: "an unknown list becomes no dimension of a metric",
      file: `${platform}/create-handler.ts`,
      code: 'failure instanceof InvalidEventError ? "unknown" : ',
      broken: "",
    },
    {
      keeps: "a look by hand does not end the alarm for silence",
      file: `${platform}/create-handler.ts`,
      code: "failure !== undefined || job.isRoutine(event)",
      broken: "true",
    },
  ],
};
