import {
  type BuildId,
  type BuildRequest,
  buildIdSchema,
  commandIdSchema,
  playgroundIdSchema,
  SlipwayError,
  type WorkerCommand,
} from "@slipway/protocol";
import type { Logger } from "pino";
import type { ConnectedWorkers } from "../agents/connected-workers.ts";
import { DOCKERFILE } from "../build/build-context.ts";
import { openSecrets } from "../build/build-secrets.ts";
import { plainOptionsOf } from "../build/build-view.ts";
import type { BuildEventLog } from "../build/event-log.ts";
import type { Build, Database, Playground } from "../db/database.ts";
import { newCommandId } from "../ids.ts";
import type { RegistryLogins } from "../registry/registry-logins.ts";
import type { Signals } from "../signals.ts";
import type { Vault } from "../vault/vault.ts";
import type { DispatchOutcome } from "./dispatcher.ts";
import type { FullWorkers } from "./full-workers.ts";
import { buildLoad } from "./load.ts";
import { place } from "./placement.ts";

export interface BuildDispatchOptions {
  readonly database: Database;
  readonly signals: Signals;
  readonly workers: ConnectedWorkers;
  readonly events: BuildEventLog;
  readonly limits: BuildRequest["limits"];
  readonly vault: Vault;
  readonly registryLogins: RegistryLogins;
  readonly submit: (id: BuildId) => Promise<void>;
  readonly full: FullWorkers;
  readonly log: Logger;
}

/** Takes a queued build to a worker. Any worker may build anything, so where one finds no room, none does. */
export function createBuildDispatch(options: BuildDispatchOptions) {
  const { database, signals, workers, full } = options;
  const candidates = () => workers.open().filter(({ hello }) => !full.has(hello.workerId));
  return async (id: string): Promise<DispatchOutcome> => {
    const build = await database.build.findUnique({ where: { id } });
    if (build?.state !== "queued") return "placed";
    const load = await buildLoad(database);
    const preferred = await lastWorkerOf(database, build.playgroundId);
    const worker = place({ workers: candidates(), load, kind: "builds", preferred });
    if (!worker) return "all-full";
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
  const { database, workers, events, signals, submit, full, log } = options;
  const build = await database.build.findUnique({ where: { id }, include: { playground: true } });
  if (build?.state !== "building" || !build.workerId) return;
  const buildId = buildIdSchema.parse(id);
  const reply = await commandOf(options, build).then(
    (command) =>
      workers.command(build.workerId ?? "", command).catch((error: unknown) => {
        log.warn({ err: error, build: id }, "a build command was not answered");
        return null;
      }),
    (error: unknown) => ({ ok: false as const, error: SlipwayError.from(error).toWire() }),
  );
  if (!reply || reply.ok) return;
  if (reply.error.code !== "worker-full") {
    await events.close(buildId, reply.error, build.workerId);
  } else if (await requeueBuild(database, build)) {
    full.add(build.workerId);
    signals.notify(id);
    await submit(buildId);
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

async function commandOf(
  { database, vault, registryLogins, limits }: BuildDispatchOptions,
  build: Build & { readonly playground: Pick<Playground, "ownerId"> },
): Promise<WorkerCommand> {
  if (!build.commandId) throw new SlipwayError("internal", `The build ${build.id} has no command.`);
  const request: BuildRequest = {
    buildId: buildIdSchema.parse(build.id),
    playgroundId: playgroundIdSchema.parse(build.playgroundId),
    dockerfile: DOCKERFILE,
    ...plainOptionsOf(build),
    ...(await openSecrets(database, vault, build.id)),
    registryCredentials: await registryLogins.open(build.playground.ownerId),
    limits,
  };
  return { kind: "build", commandId: commandIdSchema.parse(build.commandId), request };
}
