import type { FileStore } from "../platform/storage/file-store.ts";
import { eventsKey, tableKey } from "../platform/storage/object-keys.ts";
import { isSettledBy } from "./due-days.ts";
import type { EventFile } from "./report.ts";
import type { FetchedFile } from "./store-original.ts";

const fetchedAtLabel = "fetched-at";
/** Which file the label was given to: another run may have replaced it a moment before. */
const sha256Label = "sha256";

/** Labels a file whose original and copy are both in place: a run that is killed before leaves it due. */
export async function labelAsFetched({ archive, ...file }: FetchedFile): Promise<void> {
  await archive.label(eventsKey(file.event, file.date), {
    [fetchedAtLabel]: file.fetchedAt.toISOString(),
    [sha256Label]: file.spooled.sha256,
  });
}

/** Whether a file stands in the archive with its copy, and was fetched so late that it gets no more rows. */
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
