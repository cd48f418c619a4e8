import { withExchange } from "../../infra/local/exchange.ts";

/** The keys under a prefix of the exchange bucket that an environment names. */
export async function keysOf(
  environment: Readonly<Record<string, string>>,
  prefix: string,
): Promise<string[]> {
  return await withExchange(environment, async ({ listKeys }) => {
    const keys: string[] = [];
    for await (const key of listKeys(prefix)) keys.push(key);
    return keys;
  });
}
