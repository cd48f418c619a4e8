import { causeCode } from "../records/pack-subscriber.ts";
import { isHeldMember, unsubscribeCauses } from "../subscriber.ts";

/** The causes of members who are not to be mailed: unsubscribed on both sides, they may still have to leave the list. */
export const heldMemberCodes: ReadonlySet<number> = new Set(
  unsubscribeCauses.filter(isHeldMember).map(causeCode),
);
