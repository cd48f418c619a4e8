import * as z from "zod";
import { CredentialError } from "../../domain/errors.ts";
import type { OptIns } from "../opt-ins.ts";
import { createOwnpageClient } from "./client.ts";
import { createSession, type SessionOptions } from "./session.ts";

const keysSchema = z.object({ trackingKey: z.string().min(1), formKey: z.string().min(1) });
const formExample = '"optIn":{"LIST":{"trackingKey":"...","formKey":"..."}}';

/** @param options.list its name in the configuration, under which the secret has the keys of its form */
export function createOwnpageOptIns({
  list,
  ...options
}: SessionOptions & { readonly list: string }): OptIns {
  const { configuration, readSecret } = options;
  const client = createOwnpageClient(createSession(options), undefined);
  const secretSchema = z.object({ optIn: z.object({ [list]: keysSchema }) });
  return {
    async ask({ email, fields }, signal) {
      const { data } = secretSchema.safeParse(await readSecret(configuration.secret));
      const form = data?.optIn[list];
      if (form === undefined) {
        const expected = formExample.replace("LIST", list);
        throw new CredentialError(configuration.secret, `it has no form for double opt-ins: ${expected}`);
      }
      await client.optIn(form, { email, ...fields }, signal);
    },
  };
}
