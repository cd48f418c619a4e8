import { Stack } from "aws-cdk-lib";
import { CfnDatabase, CfnTable } from "aws-cdk-lib/aws-glue";
import { Construct } from "constructs";
import { archivePrefixes, tableKey } from "../../functions/platform/storage/object-keys.ts";
import { type EventName, eventColumns } from "../../functions/providers/event-columns.ts";
import type { AnyBucket } from "./kept-bucket.ts";

export interface EventTablesProps {
  /** The name of the tables' database, for queries. */
  readonly database: string;
  readonly events: readonly EventName[];
  /** The archive. */
  readonly bucket: AnyBucket;
}

/** One table per event. Athena derives the days from their keys: there is no crawler, and nothing to repair. */
export class EventTables extends Construct {
  constructor(scope: Construct, id: string, { database: name, events, bucket }: EventTablesProps) {
    super(scope, id);
    const catalogId = Stack.of(this).account;
    const database = new CfnDatabase(this, "Database", {
      catalogId,
      databaseInput: { name, description: "The newsletter's events by day" },
    });
    for (const event of events) {
      const table = new CfnTable(this, event, {
        catalogId,
        databaseName: name,
        tableInput: tableOf(event, bucket.bucketName),
      });
      table.addResourceDependency(database);
    }
  }
}

/** Every column is a string: Athena would reject a row with an empty number or date. */
function tableOf(event: EventName, bucket: string): CfnTable.TableInputProperty {
  // The partition is named `date`, like the CSV's own column, which is a time.
  const names = eventColumns[event].map((column) => (column === "date" ? "occurred_at" : column));
  return {
    name: event,
    tableType: "EXTERNAL_TABLE",
    partitionKeys: [{ name: "date", type: "string", comment: "the day, as in 2018-02-15" }],
    parameters: {
      classification: "csv",
      "skip.header.line.count": "1",
      "projection.enabled": "true",
      "projection.date.type": "date",
      "projection.date.format": "yyyy-MM-dd",
      // The first day that archive-events accepts.
      "projection.date.range": "2000-01-01,NOW",
      "projection.date.interval": "1",
      "projection.date.interval.unit": "DAYS",
      "storage.location.template": `s3://${bucket}/${dayPrefix(event)}`,
    },
    storageDescriptor: {
      location: `s3://${bucket}/${archivePrefixes.tables}${event}/`,
      columns: names.map((name) => ({ name, type: "string" })),
      inputFormat: "org.apache.hadoop.mapred.TextInputFormat",
      outputFormat: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
      serdeInfo: {
        serializationLibrary: "org.apache.hadoop.hive.serde2.OpenCSVSerde",
        parameters: { separatorChar: ",", quoteChar: '"', escapeChar: "\\" },
      },
    },
  };
}

/** The folder of a day's file, with Athena's placeholder for the day. */
function dayPrefix(event: EventName): string {
  const key = tableKey(event, "$" + "{date}");
  return key.slice(0, key.lastIndexOf("/") + 1);
}
