import type { EgressPolicy, SessionLimits } from "@slipway/protocol";

/** What the operator's settings say of all sessions. Quotas (quota/quota.ts) say more, by role. */
export interface SessionPolicy {
  readonly limits: SessionLimits;
  readonly egress: EgressPolicy;
  /** Time of one extension, and of a session with all its extensions. */
  readonly extendMs: number;
  readonly maxMs: number;
}
