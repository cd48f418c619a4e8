import type { AppliedWrite } from "./applied-write.ts";
import type { Breach } from "./judge-write.ts";
import type { ProviderRecorder } from "./provider-recorder.ts";
import type { SimulatedDatabase } from "./simulated-database.ts";

interface Reading {
  readonly startedAt: number;
  readonly database: SimulatedDatabase;
  readonly recorder: ProviderRecorder;
  /** What its report says so far that a person should know. */
  readonly notes: readonly string[];
}

/** So often a list is read that moves. */
const mostReadings = 3;

/** What the invocation that writes has not read. */
export function* findHalves(
  { invocation, before }: Pick<AppliedWrite, "invocation" | "before">,
  { startedAt, database, recorder, notes }: Reading,
): Generator<Breach> {
  if (!database.readWholeBy.has(invocation)) yield ["half", "the source was not read to its end"];
  const wasThere = [...before.values()].filter((row) => Date.parse(row.subscribed_at) < startedAt);
  const isMissed = wasThere.some(({ email }) => recorder.lastShown(invocation, email) === undefined);
  // A row that went and one that came while the list was read hide a third one from the provider's counts.
  const shown = new Set(recorder.versionsShown(invocation).map(({ email }) => email));
  const added = recorder.writes
    .filter((write) => write.invocation === invocation)
    .flatMap(({ transitions }) => transitions.filter((transition) => transition.before === undefined))
    .filter(({ email }) => before.has(email));
  const saysSo = notes.some((note) => note.endsWith("may not have been seen"));
  const isExcused = saysSo && recorder.timesCounted(invocation) >= 2 * mostReadings;
  if (isMissed && !isExcused && shown.size + added.length < before.size)
    yield ["half", "a row of the list was not read"];
}
