import type { Subscriber } from "../../infra/sandbox/ownpage/subscriber.ts";
import type { ProviderRecorder } from "./provider-recorder.ts";
import type { Desired } from "./reference-model.ts";
import { isSameAddress } from "./reference-model.ts";

/**
 * The provider's rows of a reader as an invocation may have seen them: it was shown the list more than once, and each row
 * in one version, or not at all if some reading did not have it.
 */
export function possibleLists(
  email: string,
  desired: Desired | undefined,
  { recorder, invocation }: { readonly recorder: ProviderRecorder; readonly invocation: string },
): readonly Subscriber[][] {
  const shown = Map.groupBy(recorder.versionsShown(invocation), (row) => row.email);
  const readings = Math.max(...[...shown.values()].map(({ length }) => length));
  const own = [...shown.values()].filter(([row]) => isSameAddress(row!.email, email));
  const namesakes = [...shown.values()].filter(
    (versions) => !own.includes(versions) && versions.some(({ guid }) => guid === desired?.guid),
  );
  return [...own, ...namesakes].reduce<Subscriber[][]>(
    (lists, versions) => {
      const distinct = [...new Map(versions.map((row) => [JSON.stringify(row), row])).values()];
      const options = distinct.map((row) => [row]);
      const choices = versions.length < readings ? [...options, []] : options;
      return lists.flatMap((list) => choices.map((choice) => [...list, ...choice]));
    },
    [[]],
  );
}
