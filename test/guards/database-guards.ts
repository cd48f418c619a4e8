import type { GuardGroup } from "./guard.ts";

const database = "functions/platform/database";

/** Which database is believed, and what it is given. */
export const databaseGuards: GuardGroup = {
  tests: ["test/platform/database"],
  guards: [
    {
      keeps: "a secret's authorities are the only ones that are believed",
      file: `${database}/tls.ts`,
      code: "ca: database.ca ?? knownAuthorities(),",
      broken: "ca: [...(database.ca ?? []), ...knownAuthorities()],",
    },
    {
      keeps: "a server's name is verified unless the secret says otherwise",
      file: `${database}/tls.ts`,
      code: '...(database.sslmode === "verify-ca" && {',
      broken: "...({",
    },
    {
      keeps: "a server whose authority is given is not told anything unencrypted",
      file: `${database}/tls.ts`,
      code: " || ca !== undefined",
      broken: "",
    },
    {
      keeps: "a token is not sent unencrypted, whatever the secret says",
      file: `${database}/database-secret.ts`,
      code: "ssl: ssl.refine((isOn) => isOn, unencrypted).optional(),",
      broken: "",
    },
    {
      keeps: "a token is not sent unencrypted, even on this machine",
      file: `${database}/tls.ts`,
      code: 'authentication === "iam" || ',
      broken: "",
    },
  ],
};
