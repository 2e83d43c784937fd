import type { BuildId, BuildState, SessionId, SessionState } from "@slipway/protocol";
import type { Role } from "../account/role.ts";

/** Rows of one list of the admin page. */
export const ADMIN_PAGE = 100;

export interface Owner {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
}

export interface AdminWorker {
  readonly id: string;
  readonly version: string;
  readonly runtime: string;
  readonly hardened: boolean;
  readonly connected: boolean;
  /** Gets nothing new to do. */
  readonly draining: boolean;
  readonly lastSeenAt: number;
  readonly sessions: number;
  readonly sessionCapacity: number;
  readonly builds: number;
  readonly buildCapacity: number;
  /** Null when it is away, or did not answer in time. */
  readonly disk: { readonly totalBytes: number; readonly freeBytes: number } | null;
}

export interface AdminOverview {
  readonly workers: readonly AdminWorker[];
  readonly sessions: { readonly queued: number; readonly live: number };
  readonly builds: { readonly queued: number; readonly building: number; readonly lastHour: number };
  readonly users: { readonly guests: number; readonly members: number };
  readonly playgrounds: number;
  readonly storage: {
    readonly databaseBytes: number;
    /** Files of playgrounds, as they are. */
    readonly fileBytes: number;
    /** Logs of builds. */
    readonly eventBytes: number;
  };
}

export interface AdminSession {
  readonly id: SessionId;
  readonly playgroundId: string;
  readonly playgroundName: string;
  readonly owner: Owner;
  readonly state: SessionState;
  readonly workerId: string | null;
  readonly createdAt: number;
  readonly expiresAt: number;
}

export interface AdminBuild {
  readonly id: BuildId;
  readonly playgroundId: string;
  readonly playgroundName: string;
  readonly owner: Owner;
  readonly state: BuildState;
  readonly workerId: string | null;
  readonly createdAt: number;
  readonly durationMs: number | null;
}

export interface AdminUser extends Owner {
  readonly role: Role;
  readonly emailProved: boolean;
  readonly createdAt: number;
  readonly playgrounds: number;
  readonly liveSessions: number;
}

/** What the operator sees and does. Callers have checked that it is one. */
export interface Admin {
  overview(): Promise<AdminOverview>;
  /** Live ones, the newest first. */
  sessions(): Promise<readonly AdminSession[]>;
  /** Waiting ones and those under way first, then the newest that are over. */
  builds(): Promise<readonly AdminBuild[]>;
  /** By a part of the name or the address; the newest first. */
  users(search: string): Promise<readonly AdminUser[]>;
  /** @throws session-missing */
  stopSession(id: string, reason: string): Promise<void>;
  /** @throws build-missing */
  cancelBuild(id: string): Promise<void>;
  /** @throws worker-missing */
  drain(workerId: string, draining: boolean): Promise<void>;
  /** @throws user-missing */
  proveEmail(userId: string): Promise<void>;
  /** A new password, told once; ends all sign-ins of the account. @throws user-missing, for guests as well */
  resetPassword(userId: string): Promise<string>;
}
