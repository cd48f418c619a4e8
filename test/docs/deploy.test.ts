import { expect, test } from "vitest";
import { archiveEventSchema } from "../../functions/archive-events/event.ts";
import { importEventSchema } from "../../functions/import-subscribers/event.ts";
import { syncEventSchema } from "../../functions/sync-subscribers/event.ts";
import { synthesise } from "../infra/synthesise.ts";
import { blocksIn, codeIn, sectionOf, tablesIn } from "./read-pages.ts";

const fromGitHub = sectionOf("docs/deploy.md", "Deploy from GitHub Actions");

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
}

/** The policies in the order in which the manual shows them: whom to trust, what to become, what may be created. */
const [trust = [], deploying = [], creating = []] = blocksIn(fromGitHub, "json").map(
  (block): Statement[] => JSON.parse(block).Statement,
);

test("the workflow pins each action to a commit, names its version, and has no rights that it does not need", () => {
  const [workflow = ""] = blocksIn(fromGitHub, "yaml");
  const used = [...workflow.matchAll(/uses: (.*)$/gm)].map(([, action]) => action);
  expect(used).toHaveLength(3);
  for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  expect(workflow.match(/permissions:\n(?: {2}.+\n)+/g)).toEqual([
    "permissions:\n  contents: read\n  id-token: write\n",
  ]);
});

test("GitHub may become one role, and that role only those of CDK's bootstrap that deploy", () => {
  expect(trust.map(({ Action }) => Action)).toEqual(["sts:AssumeRoleWithWebIdentity"]);
  expect(JSON.stringify(trust)).toContain(':sub":"repo:OWNER/REPOSITORY:environment:production"');
  expect(deploying.map(({ Action }) => Action)).toEqual(["sts:AssumeRole"]);
  const roles = [deploying[0]?.Resource ?? []].flat().map((arn) => /-hnb659fds-(.+)-role-/.exec(arn)?.[1]);
  expect(roles).toEqual(["deploy", "file-publishing", "lookup"]);
});

test("CloudFormation may create what the templates hold", () => {
  const services: Readonly<Record<string, string>> = { eventschemas: "schemas", stepfunctions: "states" };
  const network = {
    vpcId: "vpc-0123456789abcdef0",
    subnetIds: ["subnet-0123456789abcdef0"],
    securityGroupIds: ["sg-0123456789abcdef0"],
  };
  const types = Object.values(synthesise({ network, push: { accessLog: true } })).flatMap((template) =>
    Object.values<{ Type: string }>(template.toJSON()["Resources"]).map(({ Type }) => Type),
  );
  const created = types
    .map((type) => type.split("::")[1]!.toLowerCase())
    .map((name) => services[name] ?? name);
  const allowed = creating.flatMap(({ Action }) => [Action].flat()).map((action) => action.split(":")[0]);
  const needed = new Set(created.filter((service) => service !== "aws"));
  expect([...new Set(allowed)].filter((service) => !["ec2", "ssm"].includes(service!)).toSorted()).toEqual(
    [...needed].toSorted(),
  );
});

test("every input of a backfill that the manual shows is an event that its function takes", () => {
  const [inputs = []] = tablesIn(sectionOf("docs/functions.md", "Backfill"));
  const schemas = {
    "sync-subscribers": syncEventSchema,
    "import-subscribers": importEventSchema,
    "archive-events": archiveEventSchema,
  };
  const shown = inputs
    .slice(1)
    .map(([cell = ""]) => JSON.parse(codeIn(cell)[0]!.replace("PLAN ID", "PLAN-ID")));
  expect(shown.length).toBeGreaterThan(3);
  for (const input of shown) schemas[input.function as keyof typeof schemas].parse(input.event);
});
