import { parseArgs } from "node:util";
import { constantContactConfigurationSchema } from "../../functions/providers/constant-contact/constant-contact-configuration.ts";

/** What `npm run connect` was asked to do. */
export interface ConnectCommand {
  /** Where the credentials go. */
  readonly place:
    | { readonly kind: "aws"; readonly secret: string }
    | { readonly kind: "local"; readonly secret: string }
    | { readonly kind: "print" };
  /** Of the page to which the provider sends the person back; 0 for any free one. */
  readonly port: number;
  readonly tokenUrl: string;
}

/** The command line is wrong; the message tells the person who typed it how to call the command. */
export class ConnectUsageError extends Error {
  constructor(problem: string) {
    super(`${problem}\n\n${connectUsage}`);
  }
}

const defaultPort = "4060";
export const connectUsage = `npm run connect -- constant-contact OPTIONS
Lets a person authorise newsletter-sync at Constant Contact, and stores the credentials. One of:
  --secret NAME      into a secret of AWS, with your own credentials; it is created if it does not exist
  --local NAME       into a secret of this machine, for npm run invoke
  --print            on standard output
And:
  --port N           the port of the application's redirect URI, http://127.0.0.1:N/ (${defaultPort})
  --token-url URL    the configuration's tokenUrl, if that is not the provider's own
  --help             show this
The application's API key and secret are read from the variables CONSTANT_CONTACT_CLIENT_ID and
CONSTANT_CONTACT_CLIENT_SECRET, or asked for; an application for PKCE has no secret.`;

/** @throws ConnectUsageError */
export function parseConnectCommand(args: readonly string[]): ConnectCommand {
  const { positionals, values } = parseArguments(args);
  if (positionals.join(" ") !== "constant-contact") {
    throw new ConnectUsageError("the one provider to connect is constant-contact");
  }
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65_535)
    throw new ConnectUsageError(`--port takes a port, not ${values.port}`);
  const tokenUrl = constantContactConfigurationSchema.shape.tokenUrl.safeParse(values["token-url"]);
  if (!tokenUrl.success)
    throw new ConnectUsageError("--token-url takes an address, as the configuration does");
  return { place: placeOf(values), port, tokenUrl: tokenUrl.data };
}

function parseArguments(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        secret: { type: "string" },
        local: { type: "string" },
        print: { type: "boolean", default: false },
        port: { type: "string", default: defaultPort },
        "token-url": { type: "string" },
      },
    });
  } catch (error) {
    throw new ConnectUsageError((error as Error).message);
  }
}

function placeOf({
  secret,
  local,
  print,
}: ReturnType<typeof parseArguments>["values"]): ConnectCommand["place"] {
  const places: ConnectCommand["place"][] = [
    ...(secret ? [{ kind: "aws", secret } as const] : []),
    ...(local ? [{ kind: "local", secret: local } as const] : []),
    ...(print ? [{ kind: "print" } as const] : []),
  ];
  if (places.length === 1) return places[0]!;
  throw new ConnectUsageError("one of --secret NAME, --local NAME and --print says where the credentials go");
}
