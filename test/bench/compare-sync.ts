import { join } from "node:path";
import { type Figures, type Prepare, peakMb, seconds } from "./comparison.ts";
import { runScript } from "./processes.ts";
import { runFloor, runSync, withSandbox } from "./run-sync.ts";
import { writeSource } from "./write-source.ts";

/**
 * The sync, the guide's algorithm and the floor, with the same list. 2 % of it are to be changed, or 1 % from ten
 * million subscribers.
 */
export const prepareSync: Prepare = async ({ size, folder }) => {
  const sourceFile = join(folder, "source.csv");
  const percentChanged = size < 10_000_000 ? 2 : 1;
  await writeSource(sourceFile, { size, percentChanged });
  const changes = (size * percentChanged) / 100;
  const withSandboxOf = (contender: (url: string) => Promise<Figures>) => () => withSandbox(size, contender);
  return {
    headline: `sync: ${size.toLocaleString("en-US")} subscribers, ${percentChanged} % changed, 100 ms a request`,
    contenders: {
      "the floor": withSandboxOf((url) => runFloor(url, size)),
      "newsletter-sync": withSandboxOf((url) => runSync({ url, sourceFile, size }, changes)),
      "the guide": withSandboxOf((url) => runScript("guide.ts", [url, sourceFile])),
    },
    columns: [seconds, peakMb],
    ratios: [
      ["newsletter-sync", "the floor"],
      ["the guide", "newsletter-sync"],
    ],
    stop: async () => {},
  };
};
