import type { GuardGroup } from "./guard.ts";

const provider = "functions/providers/constant-contact";

/** The calls of Constant Contact, and its tokens. */
export const constantContactGuards: GuardGroup = {
  tests: ["test/providers/constant-contact"],
  guards: [
    {
      keeps: "a refresh token is spent by one function at a time",
      file: `${provider}/token.ts`,
      code: 'if ("holder" in lock) {',
      broken: "if (false) {",
    },
    {
      keeps: "who gets the lock uses what another function has just renewed",
      file: `${provider}/token.ts`,
      code: "const standing = goodToken(credentials, renewal);",
      broken: "const standing = undefined;",
    },
    {
      keeps: "the next refresh token is stored before the access token is used",
      file: `${provider}/token.ts`,
      code: "await writeSecret(secret, {",
      broken: "void ({",
    },
    {
      keeps: "an access token that was refused is not used again",
      file: `${provider}/token.ts`,
      code: "accessToken !== refused && ",
      broken: "",
    },
    {
      keeps: "an activity whose answer was lost is not started again",
      file: `${provider}/session.ts`,
      code: "startsActivity ? onlyOnce : undefined",
      broken: "undefined",
    },
    {
      keeps: "requests keep the pace",
      file: `${provider}/session.ts`,
      code: "await pace.turn(signal);",
      broken: "",
    },
    {
      keeps: "a quota that is used up ends the run at once",
      file: `${provider}/session.ts`,
      code: 'key === "quota_exceeded"',
      broken: "false",
    },
    {
      keeps: "the token goes to no other host",
      file: `${provider}/collections.ts`,
      code: "next?.origin === new URL(current).origin && ",
      broken: "next !== null && ",
    },
    {
      keeps: "an answer without the lists of a contact is no departure",
      file: `${provider}/answers.ts`,
      code: "(list_memberships && custom_fields)",
      broken: "true",
    },
    {
      keeps: "only known words of a refusal are told",
      file: `${provider}/refusal.ts`,
      code: "knownKeys.has(error_key)",
      broken: "true",
    },
  ],
};
