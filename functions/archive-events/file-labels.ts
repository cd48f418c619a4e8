import type { FileStore } from "../platform/storage/file-store.ts";
import { eventsKey, tableKey } from "../platform/storage/object-keys.ts";
import type { EventFile } from "../providers/event-files.ts";
import { isSettledBy } from "./calendar-days.ts";
import type { FetchedFile } from "./store-original.ts";

const fetchedAtLabel = "fetched-at";
/** Names the file that was labelled, which another run may have replaced a moment earlier. */
const sha256Label = "sha256";

/** Labels a file once its original and its copy are in place: a run that is killed earlier leaves the file due. */
export async function labelAsFetched({ archive, ...file }: FetchedFile): Promise<void> {
  await archive.label(eventsKey(file.event, file.date), {
    [fetchedAtLabel]: file.fetchedAt.toISOString(),
    [sha256Label]: file.download.sha256,
  });
}

/** Whether a file and its copy are stored, and were fetched so late that the file gets no more rows. */
export async function isSettled(archive: FileStore, file: EventFile, timeZone: string): Promise<boolean> {
  const key = eventsKey(file.event, file.date);
  const { [fetchedAtLabel]: fetchedAt = "", [sha256Label]: sha256 } = await archive.labelsOf(key);
  if (sha256 === undefined || !isSettledBy(Date.parse(fetchedAt), file.date, timeZone)) return false;
  const [original, copy] = await Promise.all([
    archive.describe(key),
    archive.describe(tableKey(file.event, file.date)),
  ]);
  return original?.metadata["sha256"] === sha256 && copy?.metadata["original-sha256"] === sha256;
}
