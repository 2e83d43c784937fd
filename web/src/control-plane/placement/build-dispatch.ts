import {
  type BuildId,
  type BuildRequest,
  buildIdSchema,
  commandIdSchema,
  playgroundIdSchema,
  SlipwayError,
} from "@slipway/protocol";
import type { Logger } from "pino";
import type { ConnectedWorkers } from "../agents/connected-workers.ts";
import { DOCKERFILE } from "../build/build-context.ts";
import type { BuildEventLog } from "../build/event-log.ts";
import type { Build, Database } from "../db/database.ts";
import { newCommandId } from "../ids.ts";
import type { Signals } from "../signals.ts";
import type { DispatchOutcome } from "./dispatcher.ts";
import { buildLoad } from "./load.ts";
import { place } from "./placement.ts";

export interface BuildDispatchOptions {
  readonly database: Database;
  readonly signals: Signals;
  readonly workers: ConnectedWorkers;
  readonly events: BuildEventLog;
  readonly limits: BuildRequest["limits"];
  readonly submit: (id: BuildId) => Promise<void>;
  readonly log: Logger;
}

/** Takes a queued build to a worker. */
export function createBuildDispatch(options: BuildDispatchOptions) {
  const { database, signals, workers } = options;
  return async (id: string): Promise<DispatchOutcome> => {
    const build = await database.build.findUnique({ where: { id } });
    if (build?.state !== "queued") return "placed";
    const load = await buildLoad(database);
    const preferred = await lastWorkerOf(database, build.playgroundId);
    const worker = place({ workers: workers.list(), load, kind: "builds", preferred });
    if (!worker) return "no-room";
    const { workerId } = worker.hello;
    const { count } = await database.build.updateMany({
      where: { id, state: "queued" },
      data: { state: "building", workerId, commandId: newCommandId(), startedAt: new Date() },
    });
    if (count === 0) return "placed";
    if (workers.get(workerId) !== worker) {
      // It left in this moment, and its next hello may have been answered before the build was its own.
      await requeueBuild(database, { id, workerId });
      return "no-room";
    }
    signals.notify(id);
    void give(options, id).catch((error: unknown) =>
      options.log.error({ err: error, id }, "build not given"),
    );
    return "placed";
  };
}

/** The worker that has the layers of the playground's last build. */
async function lastWorkerOf(database: Database, playgroundId: string): Promise<string | null> {
  const last = await database.build.findFirst({
    where: { playgroundId, state: "succeeded" },
    orderBy: { createdAt: "desc" },
    select: { workerId: true },
  });
  return last?.workerId ?? null;
}

/** Sends the command. A build that its worker refuses waits again or fails; one without an answer is left to resync. */
async function give(options: BuildDispatchOptions, id: string): Promise<void> {
  const build = await options.database.build.findUnique({ where: { id } });
  if (build?.state !== "building" || !build.workerId) return;
  const reply = await options.workers
    .command(build.workerId, commandOf(build, options.limits))
    .catch((error: unknown) => {
      options.log.warn({ err: error, build: id }, "a build command was not answered");
      return null;
    });
  if (!reply || reply.ok) return;
  const buildId = buildIdSchema.parse(id);
  if (reply.error.code === "worker-full" && (await requeueBuild(options.database, build))) {
    options.signals.notify(id);
    await options.submit(buildId);
  } else {
    await options.events.close(buildId, reply.error, build.workerId);
  }
}

/** Back to `queued`, as long as the worker has told nothing of the build. */
export async function requeueBuild(
  database: Database,
  build: Pick<Build, "id" | "workerId">,
): Promise<boolean> {
  const { count } = await database.build.updateMany({
    where: { id: build.id, state: "building", workerId: build.workerId, nextSequence: 0 },
    data: { state: "queued", workerId: null, commandId: null, startedAt: null },
  });
  return count > 0;
}

function commandOf(build: Build, limits: BuildRequest["limits"]) {
  const request: BuildRequest = {
    buildId: buildIdSchema.parse(build.id),
    playgroundId: playgroundIdSchema.parse(build.playgroundId),
    dockerfile: DOCKERFILE,
    noCache: build.noCache,
    pull: false,
    target: null,
    buildArgs: {},
    secrets: {},
    sshKeys: {},
    registryCredentials: [],
    limits,
  };
  if (!build.commandId) throw new SlipwayError("internal", `The build ${build.id} has no command.`);
  return { kind: "build", commandId: commandIdSchema.parse(build.commandId), request } as const;
}
