import type { PlaygroundId, SessionId, SessionState, SessionTerminal, TerminalId } from "@slipway/protocol";
import type { TerminalTicket } from "../session/session.ts";

/** Most links of one session that are not revoked. */
export const MAX_LINKS = 20;

/** What a link lets its holder do, for as long as the session lives and the link is not revoked. */
export type LinkGrant =
  /** See what a port answers. */
  | { readonly kind: "preview"; readonly port: number }
  /** Watch the session's terminals, or type into them as well. */
  | { readonly kind: "terminal"; readonly role: "view" | "drive" };

/** A link as its owner sees it: never with its address, of which only a digest is kept. */
export interface LinkView {
  readonly id: string;
  readonly grant: LinkGrant;
  readonly createdAt: number;
}

export interface MadeLink extends LinkView {
  /** Told once. */
  readonly url: string;
}

/** What the holder of a link to terminals sees of the session: no ports, nobody's name. */
export interface SharedSession {
  readonly sessionId: SessionId;
  readonly state: SessionState;
  readonly paused: boolean;
  readonly expiresAt: number;
  readonly role: "view" | "drive";
  readonly terminals: readonly SessionTerminal[];
}

/** A link that is good right now. */
export interface OpenLink {
  readonly id: string;
  readonly sessionId: SessionId;
  readonly playgroundId: PlaygroundId;
  readonly grant: LinkGrant;
}

/** Links by which an owner lets others into a session. */
export interface Links {
  /** The caller has checked the ownership, here and in `list` and `revoke`. @throws session-missing, link-limit */
  create(sessionId: SessionId, grant: LinkGrant): Promise<MadeLink>;
  /** The newest first, without those that are revoked. */
  list(sessionId: SessionId): Promise<LinkView[]>;
  /** Nobody gets a ticket by it any more. One that is gone already is no error. */
  revoke(sessionId: SessionId, id: string): Promise<void>;

  /**
   * What a token opens; null when it is unknown, revoked, or its session has ended. One look at the database for all of them, and
   * what is refused is refused after the same time.
   */
  open(token: string): Promise<OpenLink | null>;
  /** @throws link-missing */
  watch(token: string, signal: AbortSignal): AsyncGenerator<SharedSession, void>;
  /** @throws link-missing, terminal-missing */
  terminalTicket(token: string, terminalId: TerminalId): Promise<TerminalTicket>;
}
