import { statSync } from "node:fs";
import { type Ground, layGround, upperOf } from "../ground.ts";
import { type MainContainer, makeMain, planMain } from "../main-container.ts";
import type { SessionParts } from "../parts.ts";
import { newPlace, type Place } from "../place.ts";
import { removeResources } from "../resources.ts";
import type { Target } from "./demand.ts";

/**
 * Memory of what was prepared for one launch, bytes: a hard limit of its control group, in which the waiting process and what
 * the kernel keeps for it are. Its shim and its network come on top, some 1 MB.
 */
export const WARM_START_BYTES = 32 * 1024 ** 2;
/** Its other limits until a launch brings its own. */
const WARM_LIMITS = { memoryBytes: WARM_START_BYTES, cpus: 1, pids: 64 };
/** Until a launch says its own. */
const USUAL_SIZE = { rows: 24, cols: 80 };

/** What was made ahead of a launch. No record names it: a worker that is killed finds an orphan. */
export interface PreparedStart {
  readonly target: Target;
  readonly place: Place;
  readonly slot: number;
  readonly ground: Ground;
  /** Its process waits to be started. Null for a bare ground. */
  readonly main: MainContainer | null;
  /** Milliseconds since the epoch. */
  readonly madeAtMs: number;
}

/** Makes what a target says; when it rejects, nothing is left. */
export async function prepareStart(parts: SessionParts, target: Target): Promise<PreparedStart> {
  const place = newPlace();
  const slot = parts.ids.take();
  const lease = parts.images.lease("held");
  try {
    if (target.main) lease.hold(target.main.image);
    const plan = target.main && (await planMain(parts, place, target.main));
    const ground = await layGround(parts, place, target.ground, WARM_LIMITS);
    const main =
      plan &&
      target.main &&
      (await makeMain(parts, {
        place,
        slot,
        ground,
        plan,
        openFiles: target.main.openFiles,
        size: USUAL_SIZE,
        process: "create",
      }));
    return { target, place, slot, ground, main, madeAtMs: Date.now() };
  } catch (error) {
    await removeStart(parts, { place, slot });
    throw error;
  } finally {
    lease.release();
  }
}

/** Takes away all that was made for a start. Never rejects. */
export async function removeStart(
  parts: SessionParts,
  { place, slot }: Pick<PreparedStart, "place" | "slot">,
): Promise<void> {
  await removeResources(parts, place);
  await parts.terminals.remove(place.main).catch((error: unknown) => {
    parts.log.error(
      { err: error, place: place.name },
      "the terminal of a prepared start could not be removed",
    );
  });
  parts.ids.release(slot);
}

/** True while nothing has gone wrong with it: its process waits, and its disk is there. */
export function isSound({ main, ground }: PreparedStart): boolean {
  if (main !== null && main.terminal.exit !== null) return false;
  return statSync(upperOf(ground.disk), { throwIfNoEntry: false })?.isDirectory() ?? false;
}
