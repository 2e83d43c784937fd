/** One thing that somebody did. */
export interface Deed {
  readonly actor: { readonly id: string; readonly name: string };
  /** A procedure, such as `session.stop`. */
  readonly action: string;
  /** Id of what it was done to; empty where that is the actor. */
  readonly subject: string;
  /** A few words more, such as a reason; never what somebody entrusted to us. */
  readonly detail?: string;
}

export interface AuditView {
  readonly id: string;
  readonly at: number;
  readonly actorId: string;
  readonly actorName: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: string;
}

export interface AuditSearch {
  /** Words that actor, action, subject or detail hold, all of them; empty: everything. */
  readonly words: string;
  /** Entries older than this one. */
  readonly before: string | null;
}

/** Who did what to what, and when. Kept for AUDIT_DAYS days, and never more than MAX_AUDIT_ENTRIES. */
export interface Audit {
  /** Written before it answers; for what the operator does. */
  record(deed: Deed): Promise<void>;
  /** Written within a second; for what everybody does all the time. Nobody waits for it. */
  note(deed: Deed): void;
  /** The newest first. */
  search(search: AuditSearch): Promise<readonly AuditView[]>;
  /** Removes what is older than is kept; called once an hour. */
  trim(): Promise<void>;
  stop(): Promise<void>;
}

export const AUDIT_DAYS = 90;
export const MAX_AUDIT_ENTRIES = 200_000;
export const AUDIT_PAGE = 50;

/** What people do that is written down, beside everything of `admin`: procedures that others may ask about later. */
export const AUDITED: ReadonlySet<string> = new Set([
  "account.signUp",
  "account.signIn",
  "account.signOut",
  "account.changePassword",
  "account.proveOperator",
  "account.remove",
  "playground.create",
  "build.start",
  "build.cancel",
  "session.launch",
  "session.stop",
  "session.exportUrl",
  "session.dockerAddress",
  "session.revokeDockerAddresses",
  "savedImage.save",
  "link.create",
  "link.revoke",
  "registry.login",
  "registry.logout",
]);

const SUBJECTS = ["sessionId", "buildId", "playgroundId", "userId", "workerId", "role", "registry", "id"];
const MAX_SUBJECT = 128;

const textIn = (value: unknown, key: string): string | null => {
  const found = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : null;
  return typeof found === "string" ? found.slice(0, MAX_SUBJECT) : null;
};

/** Id of what a call was about: what it made, or what its input names. Nothing else of an input is ever written down. */
export function subjectOf(input: unknown, answer: unknown): string {
  const made = textIn(answer, "id");
  return made ?? SUBJECTS.map((key) => textIn(input, key)).find((found) => found !== null) ?? "";
}
