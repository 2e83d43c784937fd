import { type BuildId, type PlaygroundId, SlipwayError, type WireError } from "@slipway/protocol";
import type { Database } from "../db/database.ts";
import { encode } from "../db/documents.ts";
import { newBuildId } from "../ids.ts";
import { lockPlayground, recordVersion, trimVersions } from "../playground/version-store.ts";
import type { Vault } from "../vault/vault.ts";
import type { Builds, BuildView } from "./build.ts";
import { DOCKERFILE, saveContext } from "./build-context.ts";
import { listBuilds } from "./build-list.ts";
import { type BuildOptions, plainOptionsSchema } from "./build-options.ts";
import { saveSecrets } from "./build-secrets.ts";
import { ACTIVE_BUILD_STATES } from "./build-state.ts";
import { viewOfBuild } from "./build-view.ts";
import type { BuildEventLog } from "./event-log.ts";

export interface BuildServiceOptions {
  readonly database: Database;
  readonly log: BuildEventLog;
  readonly vault: Vault;
  /** Puts a queued build in front of the workers. */
  readonly submit: (id: BuildId) => Promise<void>;
  /** Tells the worker that its build does not matter any more. */
  readonly abandon: (workerId: string, id: BuildId) => void;
}

export function createBuilds(options: BuildServiceOptions): Builds {
  const { database, log, submit, abandon } = options;

  const get = async (id: BuildId): Promise<BuildView> => {
    const row = await database.build.findUnique({ where: { id } });
    if (!row) throw new SlipwayError("build-missing", "There is no such build.");
    return viewOfBuild(row);
  };

  const cancel = async (id: BuildId): Promise<void> => {
    if (!(await log.close(id, cancelled()))) return;
    const row = await database.build.findUnique({ where: { id } });
    if (row?.workerId) abandon(row.workerId, id);
  };

  return {
    get,
    list: (playgroundId, before) => listBuilds(database, playgroundId, before),
    outline: (id) => log.outline(id),
    events: (id, from, signal) => log.read(id, from, signal),
    async cancel(id) {
      await cancel(id);
      return get(id);
    },
    async start(playgroundId, wanted) {
      const id = await snapshot(options, playgroundId, wanted);
      const earlier = await database.build.findMany({
        where: { playgroundId, id: { not: id }, state: { in: ACTIVE_BUILD_STATES } },
      });
      for (const build of earlier) await cancel(build.id as BuildId);
      await submit(id);
      return get(id);
    },
  };
}

/** Writes the build, the files that it builds and what it may use of secrets. */
async function snapshot(
  { database, vault }: Pick<BuildServiceOptions, "database" | "vault">,
  playgroundId: PlaygroundId,
  { noCache, pull, target, buildArgs, secrets, sshKeys }: BuildOptions,
): Promise<BuildId> {
  const id = newBuildId();
  await database.$transaction(async (transaction) => {
    const locked = await lockPlayground(transaction, playgroundId);
    if (locked) await recordVersion(transaction, playgroundId, locked, "build");
    const where = { playgroundId_path: { playgroundId, path: DOCKERFILE } };
    const dockerfile = await transaction.playgroundFile.findUnique({ where, select: { digest: true } });
    if (!dockerfile?.digest) {
      throw new SlipwayError("dockerfile-missing", "The playground has no Dockerfile.", {
        params: { path: DOCKERFILE },
      });
    }
    const args = encode(plainOptionsSchema.shape.buildArgs, buildArgs);
    await transaction.build.create({ data: { id, playgroundId, noCache, pull, target, buildArgs: args } });
    await saveContext(transaction, id, playgroundId);
    await trimVersions(transaction, playgroundId);
    await saveSecrets(transaction, vault, id, { secrets, sshKeys });
  });
  return id;
}

const cancelled = (): WireError => new SlipwayError("build-cancelled", "The build was cancelled.").toWire();
