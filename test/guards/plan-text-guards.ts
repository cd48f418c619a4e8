import type { GuardGroup } from "./guard.ts";

const planning = "functions/planning";

/** What a person sees of a plan, and who may see it. */
export const planTextGuards: GuardGroup = {
  tests: ["test/planning", "test/sync-subscribers/plan-text", "test/local/invoke-plan"],
  guards: [
    {
      keeps: "no address controls the terminal or the page that shows it",
      file: `${planning}/shown-plan.ts`,
      code: "address: plain(row.email)",
      broken: "address: row.email",
    },
    {
      keeps: "no value controls the terminal or the page that shows it",
      file: `${planning}/shown-plan.ts`,
      code: "values: plain(values)",
      broken: "values",
    },
    {
      keeps: "the text of a plan holds no more than the first rows of each group",
      file: "functions/sync-subscribers/plan-store.ts",
      code: "if (samples.length < samplesPerGroup) ",
      broken: "",
    },
    {
      keeps: "a text that cannot be written holds up no reader",
      file: `${planning}/store-plan.ts`,
      code: ".catch(noteMissing)",
      broken: "",
    },
    {
      keeps: "what a run prints for another program holds no address",
      file: "infra/local/invoke.ts",
      code: "!output.isTTY || reportKey",
      broken: "reportKey",
    },
    {
      keeps: "who approves is no address",
      file: `${planning}/apply-event.ts`,
      code: "[^@\\p{C}",
      broken: "[^\\p{C}",
    },
    {
      keeps: "where a list requires a name, no one approves without it",
      file: `${planning}/report-approval.ts`,
      code: "requireName(list, event);",
      broken: "",
    },
    {
      keeps: "an event that is copied as it is shown names nobody",
      file: `${planning}/who-approves.ts`,
      code: " && approvedBy !== yourName",
      broken: "",
    },
  ],
};
