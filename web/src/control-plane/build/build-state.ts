import type { BuildState } from "@slipway/protocol";

/** All transitions of a build. `building → queued`: the worker went away before it had told anything. */
const TRANSITIONS = {
  queued: ["building", "failed", "cancelled"],
  building: ["succeeded", "failed", "cancelled", "queued"],
  succeeded: [],
  failed: [],
  cancelled: [],
} as const satisfies Record<BuildState, readonly BuildState[]>;

export const BUILD_STATES = Object.keys(TRANSITIONS) as BuildState[];

export const mayBuildBecome = (from: BuildState, to: BuildState): boolean =>
  (TRANSITIONS[from] as readonly BuildState[]).includes(to);

/** States from which `to` can be reached; the guard of every update. */
export const buildStatesBefore = (to: BuildState): BuildState[] =>
  BUILD_STATES.filter((from) => mayBuildBecome(from, to));

export const isBuildOver = (state: BuildState): boolean => TRANSITIONS[state].length === 0;

/** States of a build that may still change. */
export const ACTIVE_BUILD_STATES: BuildState[] = BUILD_STATES.filter((state) => !isBuildOver(state));
