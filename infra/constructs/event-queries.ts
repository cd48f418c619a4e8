import { CfnNamedQuery, CfnWorkGroup } from "aws-cdk-lib/aws-athena";
import { Construct } from "constructs";
import type { EventName } from "../../functions/providers/event-columns.ts";
import { athenaResultsPrefix } from "./archive-bucket.ts";
import type { AnyBucket } from "./kept-bucket.ts";
import { savedQueries } from "./saved-queries.ts";

export interface EventQueriesProps {
  /** The name of the workgroup. */
  readonly workgroup: string;
  /** The name of the tables' database. */
  readonly database: string;
  /** The events that have a table; queries that need another are left out. */
  readonly events: readonly EventName[];
  /** Receives the results. */
  readonly bucket: AnyBucket;
  /** The zone of the archive's days. */
  readonly timeZone: string;
  /** Encrypts the results. @default S3's own key */
  readonly kmsKeyArn?: string | undefined;
}

/** For people who query the events: a workgroup whose results stay in the archive, and some saved queries. */
export class EventQueries extends Construct {
  constructor(scope: Construct, id: string, props: EventQueriesProps) {
    super(scope, id);
    const { database, events, bucket, timeZone, kmsKeyArn } = props;
    const workgroup = new CfnWorkGroup(this, "Workgroup", {
      name: props.workgroup,
      description: "Queries of the newsletter's events",
      // Its results expire, and its saved queries are in this repository.
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: false,
        resultConfiguration: {
          outputLocation: `s3://${bucket.bucketName}/${athenaResultsPrefix}`,
          encryptionConfiguration: kmsKeyArn
            ? { encryptionOption: "SSE_KMS", kmsKey: kmsKeyArn }
            : { encryptionOption: "SSE_S3" },
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
        database,
        queryString: sql,
        workGroup: workgroup.name,
      });
      query.addResourceDependency(workgroup);
    }
  }
}
