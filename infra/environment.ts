import * as z from "zod";

const keySchema = z
  .string()
  .regex(/^arn:[\w-]+:kms:[\w-]+:\d{12}:key\/[\w-]+$/, "expected the ARN of a key, not of an alias");

const production = "production";

/** Where everything is deployed to, and what every resource there has to have. */
export const environmentFields = {
  /** Several may stand in one account: the names of all but `production` begin with this. */
  environment: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,19}$/, "expected lower-case letters, digits and hyphens, 20 at the most")
    .default(production),
  /** @default the account and the region of the credentials that deploy */
  account: z
    .string()
    .regex(/^\d{12}$/, "expected an account's 12 digits, as a text")
    .optional(),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'expected a region, such as "eu-west-3"')
    .optional(),
  /** On every resource that can have tags. */
  tags: z
    .record(
      z.string().regex(/^(?!aws:).{1,128}$/, 'expected 1 to 128 characters that do not begin with "aws:"'),
      z.string().max(256),
    )
    .default({}),
  /** The name or the ARN of a policy that bounds what every role may do. */
  permissionsBoundary: z.string().min(1).optional(),
  /** Encrypts the buckets, the queues, the topic and the provider's secrets. @default keys of AWS's own */
  kmsKeyArn: keySchema.optional(),
  /** The keys with which the publisher's own files and secrets are encrypted: the functions may decrypt with them. */
  kmsKeyArns: z.array(keySchema).default([]),
};

/** Whatever is named in the account is named so, so that two environments have no name in common. */
export function nameIn(environment: string, name: string, separator = "-"): string {
  return environment === production ? name : `${environment}${separator}${name}`;
}
