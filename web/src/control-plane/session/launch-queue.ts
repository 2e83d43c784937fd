import { type SessionId, SlipwayError } from "@slipway/protocol";
import { z } from "zod";
import type { Database } from "../db/database.ts";

/**
 * Launches that wait for a worker, of all people together; further ones are refused. The dispatcher looks at as many in one turn, so
 * those that wait for a full worker keep nobody from another one.
 */
export const MAX_QUEUED_LAUNCHES = 100;

/** A place in the line of launches. */
export interface QueuePlace {
  /** 1 is next. Those that wait for the same worker, which has their image, are counted. */
  readonly position: number;
  /** How long it takes at most until so many sessions have ended by themselves, ms; null where that is not known. */
  readonly waitMs: number | null;
}

const rowSchema = z.object({ ahead: z.number(), placeFreeAt: z.date().nullable() });

/**
 * Where a queued launch stands; null when it does not wait any more. The wait is until the ends of sessions on its worker, as they are
 * arranged now: people stop earlier, or give their session more time.
 */
export async function queuePlace(database: Database, id: SessionId): Promise<QueuePlace | null> {
  const [row] = await database.$queryRaw<unknown[]>`
    WITH waiting AS (
      SELECT s.id, s.created_at, coalesce(v.worker_id, b.worker_id) AS worker_id
      FROM sessions s JOIN builds b ON b.id = s.build_id LEFT JOIN saved_images v ON v.id = s.saved_image_id
      WHERE s.state = 'queued'
    ), line AS (
      SELECT m.worker_id, (SELECT count(*)::int FROM waiting o WHERE o.worker_id IS NOT DISTINCT FROM m.worker_id
        AND (o.created_at, o.id) < (m.created_at, m.id)) AS ahead
      FROM waiting m WHERE m.id = ${id}
    )
    SELECT ahead, (SELECT expires_at FROM sessions WHERE worker_id = line.worker_id
      AND state IN ('starting', 'running', 'stopping') ORDER BY expires_at OFFSET line.ahead LIMIT 1) AS "placeFreeAt"
    FROM line`;
  if (row === undefined) return null;
  const { ahead, placeFreeAt } = rowSchema.parse(row);
  const waitMs = placeFreeAt === null ? null : Math.max(0, placeFreeAt.getTime() - Date.now());
  return { position: ahead + 1, waitMs };
}

/** @throws worker-full where one more may not wait */
export function checkQueueRoom(queued: number): void {
  if (queued < MAX_QUEUED_LAUNCHES) return;
  const params = { limit: MAX_QUEUED_LAUNCHES };
  throw new SlipwayError("worker-full", "As many launches wait as may.", { params });
}
