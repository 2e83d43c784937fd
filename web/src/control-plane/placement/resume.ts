import type { Absence } from "../agents/absence.ts";
import type { Database } from "../db/database.ts";
import type { WorkQueue } from "../jobs/queue.ts";
import { LIVE_SESSION_STATES, PLACED_SESSION_STATES } from "../session/session-state.ts";

/**
 * Takes up at start what an earlier process left: work that waits is submitted again (its job may have been taken by the
 * process that died; a job too many does no harm), live sessions get their end arranged, and workers that have work are
 * expected back.
 */
export async function resume(options: {
  readonly database: Database;
  readonly queue: WorkQueue;
  readonly absence: Absence;
}): Promise<void> {
  const { database, queue, absence } = options;
  const order = { orderBy: { createdAt: "asc" }, select: { id: true } } as const;
  const builds = await database.build.findMany({ where: { state: "queued" }, ...order });
  for (const build of builds) await queue.submit("builds", build.id);
  const launches = await database.session.findMany({ where: { state: "queued" }, ...order });
  for (const session of launches) await queue.submit("launches", session.id);

  const living = await database.session.findMany({
    where: { state: { in: LIVE_SESSION_STATES } },
    select: { id: true, expiresAt: true },
  });
  for (const session of living) await queue.expireAt(session.id, session.expiresAt.getTime());

  const placed = { state: { in: [...PLACED_SESSION_STATES] } };
  const distinct = { distinct: ["workerId" as const], select: { workerId: true } };
  const holders = [
    ...(await database.session.findMany({ where: placed, ...distinct })),
    ...(await database.build.findMany({ where: { state: "building" }, ...distinct })),
  ];
  for (const { workerId } of holders) if (workerId) absence.left(workerId);
}
