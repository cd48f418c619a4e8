import { CfnNamedQuery, CfnWorkGroup } from "aws-cdk-lib/aws-athena";
import { Construct } from "constructs";
import type { EventName } from "../../functions/providers/event-columns.ts";
import { athenaResultsPrefix } from "./archive-bucket.ts";
import { eventsDatabase } from "./event-tables.ts";
import type { AnyBucket } from "./kept-bucket.ts";
import { savedQueries } from "./saved-queries.ts";

export interface EventQueriesProps {
  /** The events that have a table; queries that need another are left out. */
  readonly events: readonly EventName[];
  /** Receives the results. */
  readonly bucket: AnyBucket;
  /** The zone of the archive's days. */
  readonly timeZone: string;
}

/** For people who query the events: a workgroup whose results stay in the archive, and some saved queries. */
export class EventQueries extends Construct {
  constructor(scope: Construct, id: string, { events, bucket, timeZone }: EventQueriesProps) {
    super(scope, id);
    const workgroup = new CfnWorkGroup(this, "Workgroup", {
      name: "newsletter-events",
      description: "Queries of the newsletter's events",
      // Its results expire, and its saved queries are in this repository.
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: false,
        resultConfiguration: {
          outputLocation: `s3://${bucket.bucketName}/${athenaResultsPrefix}`,
          encryptionConfiguration: { encryptionOption: "SSE_S3" },
        },
      },
    });
    const possible = savedQueries(timeZone).filter((query) =>
      query.events.every((event) => events.includes(event)),
    );
    for (const { name, description, sql } of possible) {
      const query = new CfnNamedQuery(this, name.replaceAll(/\W/g, ""), {
        name,
        description,
        database: eventsDatabase,
        queryString: sql,
        workGroup: workgroup.name,
      });
      query.addResourceDependency(workgroup);
    }
  }
}
