import type { WireError } from "@slipway/protocol";
import type { SessionView } from "../../rpc/client.ts";

export type SessionPhase =
  | { readonly kind: "none" }
  | { readonly kind: "launching" }
  | { readonly kind: "refused"; readonly error: WireError }
  | { readonly kind: "live"; readonly view: SessionView; readonly connected: boolean }
  | { readonly kind: "ended"; readonly view: SessionView };

export type SessionChange =
  | { readonly kind: "launching" }
  | { readonly kind: "refused"; readonly error: WireError }
  | { readonly kind: "view"; readonly view: SessionView; readonly launched: boolean }
  | { readonly kind: "connection"; readonly sessionId: string; readonly connected: boolean };

export const phaseOf = (view: SessionView): SessionPhase =>
  view.state === "ended" ? { kind: "ended", view } : { kind: "live", view, connected: true };

/** A session goes through its states in this order and never back, but that its worker may send it into line again. */
const ORDER: Record<SessionView["state"], number> = {
  queued: 0,
  starting: 0,
  running: 1,
  stopping: 2,
  ended: 3,
};

/**
 * Whether a view of the watched session is newer than the one on the page: a launch whose answer was late may be followed by news
 * from before. News of another session are late.
 */
const isNews = (phase: SessionPhase, view: SessionView): boolean =>
  "view" in phase && phase.view.id === view.id && ORDER[view.state] >= ORDER[phase.view.state];

/** The answer to a launch always counts; everything else only where it is news. */
export function changed(phase: SessionPhase, change: SessionChange): SessionPhase {
  switch (change.kind) {
    case "launching":
      return { kind: "launching" };
    case "refused":
      return { kind: "refused", error: change.error };
    case "view":
      return change.launched || isNews(phase, change.view) ? phaseOf(change.view) : phase;
    case "connection":
      return phase.kind === "live" && phase.view.id === change.sessionId
        ? { ...phase, connected: change.connected }
        : phase;
  }
}
