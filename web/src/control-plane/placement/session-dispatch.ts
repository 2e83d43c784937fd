import { type SessionId, sessionIdSchema } from "@slipway/protocol";
import type { ConnectedWorkers } from "../agents/connected-workers.ts";
import type { Database } from "../db/database.ts";
import { newCommandId } from "../ids.ts";
import type { Signals } from "../signals.ts";
import type { DispatchOutcome } from "./dispatcher.ts";
import { sessionLoad } from "./load.ts";
import { place } from "./placement.ts";
import type { SessionCommands } from "./session-commands.ts";

export interface SessionDispatchOptions {
  readonly database: Database;
  readonly signals: Signals;
  readonly workers: ConnectedWorkers;
  readonly commands: SessionCommands;
  /** Time of a session, which begins when it finds its worker. */
  readonly sessionMs: number;
  readonly expireAt: (id: SessionId, at: number) => Promise<void>;
  /** Whether a worker that is not connected is expected back. */
  readonly isAwaited: (workerId: string) => boolean;
}

/**
 * Takes a queued session to a worker. The image is on the worker that built it, so that one is waited for while it is
 * full or expected back; any other would have to answer `image-missing`.
 */
export function createSessionDispatch(options: SessionDispatchOptions) {
  const { database, signals, workers, commands, sessionMs, expireAt, isAwaited } = options;
  return async (id: string): Promise<DispatchOutcome> => {
    const session = await database.session.findUnique({ where: { id }, include: { build: true } });
    if (session?.state !== "queued") return "placed";
    const preferred = session.build.workerId;
    const worker = place({
      workers: workers.list(),
      load: await sessionLoad(database),
      kind: "sessions",
      preferred,
    });
    if (!worker) return "no-room";
    const { workerId, runtime } = worker.hello;
    if (preferred && workerId !== preferred && (workers.get(preferred) || isAwaited(preferred)))
      return "no-room";
    const expiresAt = Date.now() + sessionMs;
    const { count } = await database.session.updateMany({
      where: { id, state: "queued" },
      data: {
        state: "starting",
        workerId,
        runtimeName: runtime.name,
        runtimeHardened: runtime.hardened,
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
}
