import type { Database } from "../db/database.ts";
import { PLACED_SESSION_STATES } from "../session/session-state.ts";
import type { Load } from "./placement.ts";

type Counted = readonly { workerId: string | null; _count: number }[];

const toLoad = (rows: Counted): Load => new Map(rows.map((row) => [row.workerId ?? "", row._count]));

/** Builds under way per worker. */
export async function buildLoad(database: Database): Promise<Load> {
  const where = { state: "building" } as const;
  const rows = await database.build.groupBy({ by: ["workerId"], where, _count: true });
  return toLoad(rows);
}

/** Sessions per worker. */
export async function sessionLoad(database: Database): Promise<Load> {
  const where = { state: { in: [...PLACED_SESSION_STATES] } };
  const rows = await database.session.groupBy({ by: ["workerId"], where, _count: true });
  return toLoad(rows);
}
