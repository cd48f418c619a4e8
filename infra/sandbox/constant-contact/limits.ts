export interface Limits {
  /** @default 4 */
  readonly requestsPerSecond: number;
  /** Until midnight, UTC. @default 10_000 */
  readonly requestsPerDay: number;
  /** @default 1 */
  readonly tokenRequestsPerSecond: number;
  /** @default 1_000 */
  readonly queuedActivities: number;
  /** What an import has beyond this is dropped, and no answer says so. @default 4_000_000 */
  readonly importBytes: number;
  /** Likewise; for a file, its header counts. @default 40_000 */
  readonly importRows: number;
}

export const defaultLimits: Limits = {
  requestsPerSecond: 4,
  requestsPerDay: 10_000,
  tokenRequestsPerSecond: 1,
  queuedActivities: 1_000,
  importBytes: 4_000_000,
  importRows: 40_000,
};
