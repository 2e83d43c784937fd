import { type LaunchRequest, SlipwayError } from "@slipway/protocol";
import type { ProcessSpec } from "../runtime/runtime.ts";
import { type Ground, groundShape, layGround } from "./ground.ts";
import { type MainContainer, mainShape, makeMain, planMain, shellBeside } from "./main-container.ts";
import type { SessionParts } from "./parts.ts";
import type { Place } from "./place.ts";

/** A session whose main process runs. */
export interface Launched {
  readonly ground: Ground;
  readonly main: Pick<MainContainer, "container" | "terminal" | "exposedPorts">;
  /** Command line of the main process. */
  readonly args: readonly string[];
  /** A shell that is to be opened beside the main process, or null. */
  readonly beside: ProcessSpec | null;
}

/** Where a launch takes place, and what of it is there already. */
export interface Site {
  readonly place: Place;
  readonly slot: number;
  readonly ground: Ground | null;
}

/** Makes what is missing of a session, and starts it. What a failure leaves is removed by the caller (removeResources). */
export async function launch(parts: SessionParts, request: LaunchRequest, site: Site): Promise<Launched> {
  const { place, slot } = site;
  const [grounded, planned] = await Promise.allSettled([
    groundFor(parts, request, site),
    planMain(parts, place, mainShape(request)),
  ]);
  // Both to their end, so that a removal finds all of it.
  if (planned.status === "rejected") throw planned.reason;
  if (grounded.status === "rejected") throw grounded.reason;
  const ground = grounded.value;
  const main = await makeMain(parts, {
    place,
    slot,
    ground,
    plan: planned.value,
    openFiles: request.limits.openFiles,
    size: request.size,
    process: "run",
  });
  return { ground, main, args: main.process.args, beside: shellBeside(main) };
}

/** Lets a main process run that waits, under the limits of this launch. */
export async function startWaiting(
  parts: SessionParts,
  request: LaunchRequest,
  { place, ground, main }: { readonly place: Place; readonly ground: Ground; readonly main: MainContainer },
): Promise<Launched> {
  const { rows, cols } = main.terminal.size;
  if (rows !== request.size.rows || cols !== request.size.cols) main.terminal.resize(request.size);
  const [image] = await Promise.all([
    parts.images.get(request.image),
    parts.cgroups.create(place.name, request.limits),
  ]);
  if (!image) throw new SlipwayError("image-missing", "The image is not on this worker any more.");
  await main.container.start();
  return { ground, main, args: main.process.args, beside: shellBeside(main) };
}

async function groundFor(parts: SessionParts, request: LaunchRequest, site: Site): Promise<Ground> {
  const { place, ground } = site;
  if (ground === null) return await layGround(parts, place, groundShape(request), request.limits);
  await parts.cgroups.create(place.name, request.limits);
  return ground;
}
