import { isUtf8 } from "node:buffer";
import { canonicalEmail } from "../../domain/email.ts";
import { causeCode } from "../../domain/pack-subscriber.ts";
import { type RecordWriter, statusCodes } from "../../domain/packed-record.ts";
import { unsubscribeCauses } from "../../domain/subscriber.ts";
import { parseInstant } from "../../platform/instant.ts";
import type { SubscriberPage } from "../provider.ts";
import { FlatJsonReader, kinds, notPlain } from "./flat-json-reader.ts";
import type { PageOptions } from "./page-rows.ts";
