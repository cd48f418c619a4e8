import { CfnNamedQuery, CfnWorkGroup } from "aws-cdk-lib/aws-athena";
import { Construct } from "constructs";
import type { EventName } from "../../functions/providers/ownpage/event-columns.ts";
import { athenaResultsPrefix } from "./archive-bucket.ts";
import { eventsDatabase } from "./event-tables.ts";
import type { AnyBucket } from "./kept-bucket.ts";
import { savedQueries } from "./saved-queries.ts";

export interface EventQueriesProps {
  /** The events that have a table: a query of any other is left out. */
  readonly events: readonly EventName[];
  /** Takes the answers. */
  readonly bucket: AnyBucket;
  /** The zone of the archive's days. */
  readonly timeZone: string;
}

/** Where a person queries the events: a workgroup whose answers stay in the archive, and queries to begin with. */
export class EventQueries extends Construct {
  constructor(scope: Construct, id: string, { events, bucket, timeZone }: EventQueriesProps) {
    super(scope, id);
    const workgroup = new CfnWorkGroup(this, "Workgroup", {
      name: "newsletter-events",
      description: "Queries of the newsletter's events",
      // Its answers expire by themselves, and its queries are ours.
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
    const askable = savedQueries(timeZone).filter((query) =>
      query.events.every((event) => events.includes(event)),
    );
    for (const { name, description, sql } of askable) {
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
