import type { SessionState } from "@slipway/protocol";

/** All transitions of a session. Nothing leads out of `ended`, and nothing back. */
const TRANSITIONS = {
  queued: ["starting", "ended"],
  starting: ["running", "stopping", "ended"],
  running: ["stopping", "ended"],
  stopping: ["ended"],
  ended: [],
} as const satisfies Record<SessionState, readonly SessionState[]>;

export const SESSION_STATES = Object.keys(TRANSITIONS) as SessionState[];

export const maySessionBecome = (from: SessionState, to: SessionState): boolean =>
  (TRANSITIONS[from] as readonly SessionState[]).includes(to);

/** States from which `to` can be reached; the guard of every update. */
export const sessionStatesBefore = (to: SessionState): SessionState[] =>
  SESSION_STATES.filter((from) => maySessionBecome(from, to));

/** States in which a session takes room: on a worker or in the queue. */
export const LIVE_SESSION_STATES: SessionState[] = SESSION_STATES.filter((state) => state !== "ended");

/** States in which a worker holds the session. */
export const PLACED_SESSION_STATES = ["starting", "running", "stopping"] as const satisfies SessionState[];
