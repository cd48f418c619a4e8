import { canonicalEmail } from "../domain/email.ts";
import type { NamedList } from "../planning/named-list.ts";
import type { Run } from "../platform/run.ts";
import type { Bucket } from "../platform/storage/bucket.ts";
import type { HashedReader } from "../platform/storage/history/reader-hash.ts";
import { lookAtSides, type SidesDependencies, type SidesNow, type Unread } from "./look-at-sides.ts";
import { readHistory } from "./read-history.ts";
import { readQuarantine } from "./read-quarantine.ts";
import { collapse, isReturn, type Touched, touchesOf } from "./touched.ts";
import { decisionWords, moment, providerWords, returnWords, sourceWords } from "./words.ts";

/** The functions whose reports show where the history has gaps: those of pushes are too many. */
const jobs = ["sync-subscribers", "import-subscribers"] as const;

/** Of so many runs, the newest, the quarantine is looked through for reasons. */
const mostQuarantines = 20;

/** The newest: an answer of Lambda's has 6 MB at the most. */
const mostShown = 1000;

/** One spelling of the address, or the address that only the database has. */
interface SpellingTold {
  readonly email: string;
  readonly database: string;
  readonly provider: string;
  readonly decision: string;
  readonly returned?: string;
}

/** What is told of one list. */
export interface ListTold {
  /** What there is to say, in words for the reader's call. */
  readonly inWords: string;
  /** What both sides say now; left out if they could not be read. */
  readonly now?: readonly SpellingTold[];
  readonly readAt?: string;
  /** Why they could not be read. */
  readonly problem?: string;
  /** Rows of the database that are this reader's and are set aside. */
  readonly damaged?: SidesNow["damaged"];
  readonly history: readonly Touched[];
  /** The day from which on runs wrote down whom they touched. */
  readonly historySince?: string;
  readonly gaps: readonly string[];
}

export interface TellDependencies extends SidesDependencies {
  /** The exchange bucket, as in `store`. */
  readonly bucket: Bucket;
}

interface Question {
  readonly email: string;
  readonly reader: HashedReader;
}

/** What both sides say of a reader, what a run would do, and what runs did: on one list. */
export async function tellOfList(
  list: NamedList,
  { email, reader }: Question,
  { dependencies, run }: { readonly dependencies: TellDependencies; readonly run: Run<unknown> },
): Promise<ListTold> {
  const { store, bucket } = dependencies;
  const [sides, { runs, since, gaps }] = await Promise.all([
    lookAtSides(list, email, { dependencies, run }),
    readHistory(bucket, { list: list.name, reader, jobs, now: run.now() }),
  ]);
  const newest = new Set(runs.slice(-mostQuarantines));
  const touches: Touched[] = [];
  for (const touching of runs) {
    const isAside = touching.records.some(({ deed, stage }) => deed === "setAside" || stage === "refused");
    const asked = { list: list.name, run: touching.run, email };
    const reasons = isAside && newest.has(touching) ? await readQuarantine({ store, bucket }, asked) : [];
    touches.push(...touchesOf(touching, reasons));
  }
  const history = collapse(touches).slice(-mostShown);
  return {
    inWords: summaryOf(sides, history, list),
    ...("problem" in sides ? { problem: sides.problem } : nowOf(sides, email)),
    history,
    ...(since !== undefined && { historySince: since }),
    gaps,
  };
}

function nowOf(
  { spellings, damaged, sourceReadAt }: SidesNow,
  email: string,
): Pick<ListTold, "now" | "readAt" | "damaged"> {
  const told = spellings.map(
    ({ current, desired, decision, returned, isUndeliverable }): SpellingTold => ({
      email: current?.email ?? desired?.email ?? canonicalEmail(email),
      database: sourceWords(desired),
      provider: current === undefined ? "not at the provider" : providerWords(current),
      decision: decisionWords(decision, isUndeliverable),
      ...(returned && { returned: returnWords(returned) }),
    }),
  );
  return { now: told, readAt: new Date(sourceReadAt).toISOString(), ...(damaged.length > 0 && { damaged }) };
}

/** `unsubscribed by the reader, on …; the database was told on …` */
function summaryOf(
  sides: SidesNow | Unread,
  history: readonly Touched[],
  { configuration }: NamedList,
): string {
  if ("problem" in sides) return `the two sides could not be read: ${sides.problem}`;
  const { spellings } = sides;
  if (spellings.length === 0) return "neither the database nor the provider has the address";
  const parts = spellings.map(({ current, desired, decision }) => {
    if (current === undefined) return `not at the provider; in the database: ${sourceWords(desired)}`;
    const isDue = decision === "optedOut" || decision === "bounced" || decision === "publisher";
    const hasReturns = configuration.returns !== undefined;
    const told = current.subscribed ? undefined : toldWords(history, { ...current, isDue, hasReturns });
    return told === undefined ? providerWords(current) : `${providerWords(current)}; ${told}`;
  });
  const last = history.findLast(
    ({ deed, outcome }) => !isReturn(deed) && deed !== "setAside" && outcome === "done",
  );
  const byRun =
    last && `the last run that changed it: ${moment(last.lastAt ?? last.at)}, ${last.reason || last.deed}`;
  return [...parts, ...(byRun ? [byRun] : [])].join("; ");
}

/** The history has times to the minute. */
const minuteMs = 60_000;

interface Departure {
  readonly unsubscribedAt?: number | undefined;
  /** Whether the database does not know. */
  readonly isDue: boolean;
  readonly hasReturns: boolean;
}

/** What the database was told of an earlier departure says nothing of this one. */
function toldWords(
  history: readonly Touched[],
  { unsubscribedAt = 0, isDue, hasReturns }: Departure,
): string | undefined {
  const told = history.findLast(
    ({ deed, outcome, causeAt }) =>
      (deed === "unsubscribed" || deed === "bounced") &&
      outcome === "done" &&
      (causeAt === undefined || Date.parse(causeAt) > unsubscribedAt - minuteMs),
  );
  if (told !== undefined) return `the database was told on ${moment(told.at)}`;
  if (!isDue) return undefined;
  return hasReturns ? "the database has not been told yet" : "the list tells the database nothing";
}
