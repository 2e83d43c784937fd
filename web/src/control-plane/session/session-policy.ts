import type { EgressPolicy, SessionLimits } from "@slipway/protocol";

/** What the operator's settings say of sessions. */
export interface SessionPolicy {
  readonly limits: SessionLimits;
  readonly egress: EgressPolicy;
  /** Time of a session, of one extension, and of a session with all its extensions. */
  readonly sessionMs: number;
  readonly extendMs: number;
  readonly maxMs: number;
  /** Most live sessions of one person. */
  readonly perPerson: number;
}
