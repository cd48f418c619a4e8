import * as z from "zod";
import { secretNameSchema } from "../../platform/secret-name.ts";

const addressSchema = z
  .url({ protocol: /^https?$/ })
  .regex(/^[^?#@]*$/, "expected an address without user, query or fragment");

/** What the operator writes about an account at Constant Contact. */
export const constantContactConfigurationSchema = z.strictObject({
  kind: z.literal("constant-contact"),
  baseUrl: addressSchema.default("https://api.cc.email/v3"),
  /** Where tokens are asked for; a person authorises at `authorize` beside it. */
  tokenUrl: addressSchema.default("https://authz.constantcontact.com/oauth2/default/v1/token"),
  /** The name of the secret that holds the account's credentials, and into which new tokens are written. */
  secret: secretNameSchema,
});
export type ConstantContactConfiguration = z.infer<typeof constantContactConfigurationSchema>;

/** A list's id. */
export const constantContactListIdSchema = z.guid("expected the list's id, a UUID").toLowerCase();

/** Visible ASCII only: a header takes nothing else, and the error of one that refuses it would quote the token. */
export const tokenTextSchema = z.string().regex(/^[\x21-\x7e]+$/);

/** What the secret holds. What else stands in it is kept. */
export const credentialsSchema = z.looseObject({
  clientId: z.string().min(1),
  /** Missing for an application without a secret, which authorises by PKCE. */
  clientSecret: z.string().min(1).optional(),
  refreshToken: z.string().min(1),
  /** Written by us, as is when it expires. */
  accessToken: tokenTextSchema.optional().catch(undefined),
  expiresAt: z.iso.datetime().optional().catch(undefined),
});
export type Credentials = z.infer<typeof credentialsSchema>;
export const credentialsExample = '{"clientId":"...","clientSecret":"...","refreshToken":"..."}';
