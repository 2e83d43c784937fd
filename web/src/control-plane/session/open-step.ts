import { buildIdSchema, type PlaygroundId, SlipwayError } from "@slipway/protocol";
import type { ConnectedWorkers } from "../agents/connected-workers.ts";
import type { Database } from "../db/database.ts";
import { newCommandId } from "../ids.ts";
import type { OpenedStep, StepOrder } from "./session.ts";

/** Longest wait for a worker that makes a step's files ready: layers that were moved out may have to be unpacked again. */
const OPEN_TIMEOUT_MS = 60_000;

/**
 * Asks the worker that carried out a build for the files of one of its steps. Nothing is written down: who has not had an answer
 * asks again.
 */
export function createOpenStep(database: Database, workers: ConnectedWorkers) {
  /** @throws build-missing, step-state-gone, worker-lost */
  return async (playgroundId: PlaygroundId, { buildId, step, side }: StepOrder): Promise<OpenedStep> => {
    const build = await database.build.findUnique({ where: { id: buildId } });
    // A build of somebody else does not exist for those who ask here.
    if (build?.playgroundId !== playgroundId)
      throw new SlipwayError("build-missing", "There is no such build.");
    const { workerId } = build;
    if (workerId === null)
      throw new SlipwayError("step-state-gone", "No worker has begun with the build.", { params: { step } });
    const id = buildIdSchema.parse(buildId);
    const command = {
      kind: "open-step" as const,
      commandId: newCommandId(),
      playgroundId,
      buildId: id,
      step,
      side,
    };
    const reply = await workers.command(workerId, command, OPEN_TIMEOUT_MS);
    if (!reply.ok) throw SlipwayError.fromWire(reply.error);
    if (!reply.image) throw new SlipwayError("internal", "The worker opened a step and did not say what.");
    return { image: reply.image, workerId };
  };
}
