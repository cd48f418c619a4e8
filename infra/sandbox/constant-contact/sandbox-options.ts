import type { ActivityPlan } from "./activity.ts";
import type { ContactSeed } from "./contact.ts";
import type { ListSeed } from "./contact-lists.ts";
import type { CustomFieldSeed } from "./custom-fields.ts";
import { type Dialect, defaultDialect } from "./dialect.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import type { Credentials } from "./tokens.ts";

/** The list that every sandbox has unless a test says otherwise. */
export const dailyList = "11571157-0000-4000-8000-000000000001";

export interface SandboxOptions extends Partial<Dialect>, Partial<Limits> {
  /** @default 0: any free one */
  readonly port?: number;
  /** @default demo, demo-secret and demo-refresh-token */
  readonly credentials?: Credentials;
  /** What the refresh token of the credentials grants. @default contact_data and offline_access */
  readonly scopes?: readonly string[];
  /** Where a person may be sent back to. @default any page of this machine */
  readonly redirectUris?: readonly string[];
  /** What the person says who is asked. @default "granted" */
  readonly consent?: "granted" | "denied";
  /** @default the list "Daily" */
  readonly lists?: readonly ListSeed[];
  /** @default guid */
  readonly customFields?: readonly CustomFieldSeed[];
  readonly contacts?: readonly ContactSeed[];
  /** Which addresses an import takes. @default any that is one */
  readonly acceptsEmail?: (email: string) => boolean;
  /** How many synthetic contacts there are before the others, on the first list. @default 0 */
  readonly synthetic?: number;
  /** How activities go that no plan is for. @default they end at once, completed */
  readonly activities?: ActivityPlan;
  /** How long to wait before each request is handled; requests wait in parallel. @default 0 */
  readonly delayMs?: number;
  readonly now?: () => Date;
  /** Whether the log of requests keeps their bodies and rows: too much for a million rows. @default true */
  readonly keepBodies?: boolean;
}

export const defaultOptions: Required<SandboxOptions> = {
  ...defaultDialect,
  ...defaultLimits,
  port: 0,
  credentials: { clientId: "demo", clientSecret: "demo-secret", refreshToken: "demo-refresh-token" },
  scopes: ["contact_data", "offline_access"],
  redirectUris: [],
  consent: "granted",
  lists: [{ list_id: dailyList, name: "Daily" }],
  customFields: [{ label: "guid" }],
  contacts: [],
  acceptsEmail: () => true,
  synthetic: 0,
  activities: {},
  delayMs: 0,
  now: () => new Date(),
  keepBodies: true,
};
