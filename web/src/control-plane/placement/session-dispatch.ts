import { type SessionId, sessionIdSchema } from "@slipway/protocol";
import type { ConnectedWorkers } from "../agents/connected-workers.ts";
import type { Database, Session } from "../db/database.ts";
import { newCommandId } from "../ids.ts";
import type { Lane } from "../session/lane.ts";
import type { FindPlace } from "../session/launch.ts";
import type { Signals } from "../signals.ts";
import type { DispatchOutcome } from "./dispatcher.ts";
import type { FullWorkers } from "./full-workers.ts";
import { sessionLoad } from "./load.ts";
import { place } from "./placement.ts";
import type { SessionCommands } from "./session-commands.ts";

export interface SessionDispatchOptions {
  readonly database: Database;
  readonly signals: Signals;
  readonly commands: SessionCommands;
  readonly findPlace: FindPlace;
  readonly lane: Lane;
  readonly expireAt: (id: SessionId, at: number) => Promise<void>;
}

/**
 * Finds a worker for a session. The image is on the worker that made it, so that one is waited for while it is full or
 * expected back; any other would have to answer `image-missing`.
 */
export function createFindPlace(
  workers: ConnectedWorkers,
  /** Whether a worker that is not connected is expected back. */
  isAwaited: (workerId: string) => boolean,
  full: FullWorkers,
): FindPlace {
  return (preferred, load) => {
    const worker = place({
      workers: workers.open().filter(({ hello }) => !full.has(hello.workerId)),
      load,
      kind: "sessions",
      preferred,
    });
    if (!worker) return null;
    const { workerId, runtime } = worker.hello;
    if (preferred && workerId !== preferred && (workers.get(preferred) || isAwaited(preferred))) return null;
    return { workerId, runtime };
  };
}

/** Back in line, as long as the worker has told nothing of it. False when it was stopped meanwhile. */
export async function requeueSession(
  database: Database,
  session: Pick<Session, "id" | "workerId" | "launchCommandId">,
): Promise<boolean> {
  const { id, workerId, launchCommandId } = session;
  const { count } = await database.session.updateMany({
    where: { id, state: "starting", workerId, launchCommandId, revision: -1 },
    data: {
      state: "queued",
      workerId: null,
      launchCommandId: null,
      runtimeName: null,
      runtimeHardened: null,
    },
  });
  return count > 0;
}

/** Takes a session that had to wait to a worker. */
export function createSessionDispatch(options: SessionDispatchOptions) {
  const { database, signals, commands, findPlace, lane, expireAt } = options;
  const dispatch = async (id: string): Promise<DispatchOutcome> => {
    const session = await database.session.findUnique({
      where: { id },
      include: { build: { select: { workerId: true } }, savedImage: { select: { workerId: true } } },
    });
    if (session?.state !== "queued") return "placed";
    const preferred = session.savedImage?.workerId ?? session.build.workerId;
    const found = findPlace(preferred, await sessionLoad(database));
    if (!found) return "no-room";
    // Its time begins when it finds its worker.
    const expiresAt = Date.now() + session.expiresAt.getTime() - session.createdAt.getTime();
    const { count } = await database.session.updateMany({
      where: { id, state: "queued" },
      data: {
        state: "starting",
        workerId: found.workerId,
        runtimeName: found.runtime.name,
        runtimeHardened: found.runtime.hardened,
        launchCommandId: newCommandId(),
        extendCommandId: null,
        expiresAt: new Date(expiresAt),
      },
    });
    if (count === 0) return "placed";
    signals.notify(id);
    await expireAt(sessionIdSchema.parse(id), expiresAt);
    const placed = await database.session.findUnique({ where: { id } });
    if (placed) commands.tell(placed);
    return "placed";
  };
  return (id: string): Promise<DispatchOutcome> => lane.run(() => dispatch(id));
}
