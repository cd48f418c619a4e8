import { alarmGuards } from "./alarm-guards.ts";
import { backfillGuards } from "./backfill-guards.ts";
import { constantContactGuards, constantContactWritingGuards } from "./constant-contact-guards.ts";
import { constantContactMirrorGuards } from "./constant-contact-mirror-guards.ts";
import { databaseGuards } from "./database-guards.ts";
import { decideGuards } from "./decide-guards.ts";
import { edgeGuards } from "./edge-guards.ts";
import { archiveGuards, importGuards } from "./file-guards.ts";
import type { GuardGroup } from "./guard.ts";
import { limitGuards } from "./limit-guards.ts";
import { lookUpGuards } from "./look-up-guards.ts";
import { memoryGuards } from "./memory-guards.ts";
import { pageGuards } from "./page-guards.ts";
import { planTextGuards } from "./plan-text-guards.ts";
import { pushGuards } from "./push-guards.ts";
import { returnGuards } from "./return-guards.ts";
import { sinkGuards } from "./sink-guards.ts";
import { sourceGuards } from "./source-guards.ts";
import { syncGuards } from "./sync-guards.ts";

export const guardGroups: readonly GuardGroup[] = [
  decideGuards,
  limitGuards,
  syncGuards,
  edgeGuards,
  constantContactGuards,
  constantContactWritingGuards,
  constantContactMirrorGuards,
  databaseGuards,
  sourceGuards,
  returnGuards,
  sinkGuards,
  importGuards,
  archiveGuards,
  memoryGuards,
  planTextGuards,
  pageGuards,
  lookUpGuards,
  backfillGuards,
  alarmGuards,
  pushGuards,
];
