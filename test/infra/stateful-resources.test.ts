import { expect, test } from "vitest";
import { createStacks } from "../../infra/stacks/create-stacks.ts";
import { exampleWith } from "./example.ts";
import { createAppWithoutBundles, synthesise } from "./synthesise.ts";
import type { ReadableTemplate } from "./template.ts";

// CloudFormation knows a resource by its stack and its logical id. If a version changes one of them, or a name, a deployment
// creates the resource anew and leaves what the old one holds. So these are the same for good.

const stateful = [
  "AWS::S3::Bucket",
  "AWS::SecretsManager::Secret",
  "AWS::SQS::Queue",
  "AWS::SNS::Topic",
  "AWS::Logs::LogGroup",
  "AWS::Glue::Database",
];

/** What holds state, by its logical id: the type, and the name if it has one. */
function statefulIn(template: ReadableTemplate): Record<string, string> {
  const resources = Object.entries<{ Type: string; Properties?: Record<string, unknown> }>(
    template.toJSON()["Resources"],
  );
  return Object.fromEntries(
    resources
      .filter(([, { Type }]) => stateful.includes(Type))
      .map(([id, { Type, Properties = {} }]) => {
        const given = Object.entries(Properties).filter(([property]) => /^\w*Name$/.test(property));
        const database = Properties["DatabaseInput"] as { readonly Name: string } | undefined;
        const names = [...given.map(([, value]) => value), ...(database ? [database.Name] : [])];
        return [id, [Type, ...names].join(" ")];
      }),
  );
}

test("an upgrade replaces nothing that holds state", () => {
  const templates = Object.entries(synthesise()).map(([stack, template]) => [stack, statefulIn(template)]);
  expect(Object.fromEntries(templates)).toEqual({
    storage: {
      Exchange6745BA1E: "AWS::S3::Bucket",
      ArchiveDA4CB258: "AWS::S3::Bucket",
      DeadLettersBBF8BAAB: "AWS::SQS::Queue",
      Alarms04B5A0BF: "AWS::SNS::Topic",
      HistoryKey: "AWS::SecretsManager::Secret newsletter-sync/history-key",
      Provider: "AWS::SecretsManager::Secret newsletter-sync/ownpage",
      TestEventsLogs7C1E0D68: "AWS::Logs::LogGroup",
    },
    watch: {
      WatchRunsFunctionLogs52F7FD88: "AWS::Logs::LogGroup",
    },
    sync: {
      SyncSubscribersFunctionLogs30118E3E: "AWS::Logs::LogGroup",
    },
    import: {
      ImportSubscribersFunctionLogs71119FED: "AWS::Logs::LogGroup",
    },
    archive: {
      ArchiveEventsFunctionLogs21A7EBD5: "AWS::Logs::LogGroup",
      TablesDatabaseAABD3FAE: "AWS::Glue::Database newsletter_events",
    },
    pages: { ShowRunsFunctionLogsE93AF41F: "AWS::Logs::LogGroup" },
    lookUp: { LookUpReaderFunctionLogsFAFEF490: "AWS::Logs::LogGroup" },
    backfill: {},
  });
});

test("the secret of a further account keeps its logical id and its name", () => {
  const { lists, ...example } = exampleWith({});
  const [[name = "", list] = []] = Object.entries(lists);
  const id = "11571157-0000-4000-8000-000000000001";
  const provider = { kind: "constant-contact", secret: "newsletter-sync/constant-contact" };
  const { storage } = synthesise({ ...example, lists: { ...lists, [name]: { ...list, id, provider } } });
  const secrets = Object.entries(statefulIn(storage)).filter(([, type]) => type.includes("constant-contact"));
  expect(secrets).toEqual([
    [
      "ProvidernewslettersyncconstantcontactSecret5F37C434",
      "AWS::SecretsManager::Secret newsletter-sync/constant-contact",
    ],
  ]);
});

test("the stacks keep their names", () => {
  const stacks = createStacks(createAppWithoutBundles(), exampleWith({}));
  expect(Object.values(stacks).map(({ stackName }) => stackName)).toEqual([
    "NewsletterStorage",
    "NewsletterWatch",
    "NewsletterSync",
    "NewsletterImport",
    "NewsletterArchive",
    "NewsletterPages",
    "NewsletterLookUp",
    "NewsletterBackfill",
  ]);
});
