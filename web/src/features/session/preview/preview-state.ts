import type { PreviewProblem, WireError } from "@slipway/protocol";

/** Why a preview is not shown, as the pane says it. */
export type PreviewFailure =
  | "closed"
  | "silent"
  | "broken"
  | "frame-refused"
  /** The browser has kept no ticket for a page inside of another. */
  | "no-cookies"
  | "session-missing"
  | "no-worker"
  | "rate-limited"
  | "other";

/** What the pane shows. `wish` counts what was asked for, so that an answer to an earlier wish is known. */
export type PreviewState =
  /** An address with a ticket is asked for. */
  | { readonly kind: "asking"; readonly wish: number; readonly renewedAt: number }
  | { readonly kind: "refused"; readonly wish: number; readonly renewedAt: number; readonly error: WireError }
  | {
      readonly kind: "loading" | "shown";
      readonly wish: number;
      readonly renewedAt: number;
      readonly url: string;
    }
  | {
      readonly kind: "failed";
      readonly wish: number;
      readonly renewedAt: number;
      readonly failure: PreviewFailure;
    };

export type PreviewEvent =
  /** A person, or a program that listens at last, wants it from the beginning. */
  | { readonly kind: "ask" }
  | { readonly kind: "address"; readonly wish: number; readonly url: string }
  | { readonly kind: "refused"; readonly wish: number; readonly error: WireError }
  | { readonly kind: "loaded" }
  /** Told by the gateway's page in the frame, or by a page of a container that pretends to be one. */
  | { readonly kind: "told"; readonly problem: PreviewProblem; readonly now: number };

/** A new ticket is asked for by itself not more often than this: a page could pretend to have lost its ticket again and again. */
const RENEWAL_MS = 30_000;

export const FIRST_STATE: PreviewState = { kind: "asking", wish: 1, renewedAt: Number.NEGATIVE_INFINITY };

export function previewAfter(state: PreviewState, event: PreviewEvent): PreviewState {
  const { wish, renewedAt } = state;
  switch (event.kind) {
    case "ask":
      return { kind: "asking", wish: wish + 1, renewedAt };
    case "address":
      return event.wish === wish ? { kind: "loading", wish, renewedAt, url: event.url } : state;
    case "refused":
      return event.wish === wish ? { kind: "refused", wish, renewedAt, error: event.error } : state;
    case "loaded":
      return state.kind === "loading" ? { ...state, kind: "shown" } : state;
    case "told": {
      if (state.kind !== "loading" && state.kind !== "shown") return state;
      const failure = failureOf(event.problem);
      const mayRenew = state.kind === "shown" && event.now - renewedAt >= RENEWAL_MS;
      if (failure === "no-cookies" && mayRenew)
        return { kind: "asking", wish: wish + 1, renewedAt: event.now };
      return { kind: "failed", wish, renewedAt, failure };
    }
  }
}

function failureOf(problem: PreviewProblem): PreviewFailure {
  switch (problem.code) {
    case "port-unreachable":
      return problem.reason;
    case "ticket-invalid":
    case "ticket-expired":
      return "no-cookies";
    case "forbidden":
    case "request-invalid":
      return "other";
    default:
      return problem.code;
  }
}

/** The path that somebody means who types this, longest path included. */
export function pathOf(typed: string): string {
  const text = typed.trim().slice(0, PATH_CHARACTERS);
  return text.startsWith("/") ? text : `/${text}`;
}

/** Longest path that can be typed; the gateway remembers as many on the way. */
export const PATH_CHARACTERS = 2_000;
