import type { GuardGroup } from "./guard.ts";

const sources = "functions/sources";

/** What a row of the source is taken to say. */
export const sourceGuards: GuardGroup = {
  tests: ["test/sources/row-parser", "test/domain/email", "test/sync-subscribers/sync-subscribers"],
  guards: [
    {
      keeps: "a consent of the future is none",
      file: `${sources}/row-values.ts`,
      code: " && instant <= readAt + clockSkewMs",
      broken: "",
    },
    {
      keeps: "NULL is not a word",
      file: `${sources}/row-values.ts`,
      code: 'if (value === null) return "undecided";',
      broken: 'if (value === null) return "yes";',
    },
    {
      keeps: "an address with an invisible character is nobody's",
      file: `${sources}/row-parser.ts`,
      code: 'if (invisible === undefined || invisible === "U+0020") return undefined;',
      broken: "return undefined;",
    },
    {
      keeps: "a row that is set aside tells its reader's guid",
      file: `${sources}/row-parser.ts`,
      code: '...(guid !== "" && guid.length <= maxEmailLength && { guid }),',
      broken: "",
    },
    {
      keeps: "consents that are not believed are counted",
      file: "functions/planning/match-source.ts",
      code: "this.unreadableConsents += unreadableConsents.length;",
      broken: "",
    },
  ],
};
