import { playgroundIdSchema } from "@slipway/protocol";
import type { Database } from "../db/database.ts";
import { MAX_PLAYGROUNDS } from "./limits.ts";
import type { PlaygroundSummary } from "./playground.ts";

interface ListedRow {
  readonly id: string;
  readonly name: string;
  readonly savedAt: Date;
  readonly fileCount: number;
  readonly byteCount: number;
  readonly live: boolean;
}

/** What LIKE takes for a pattern stands for itself. */
const literally = (text: string): string => text.replace(/[\\%_]/g, "\\$&");

/** A person's playgrounds, the newest first; with `search`, those whose name, or whose file's path, holds it. */
export async function listPlaygrounds(
  database: Database,
  ownerId: string,
  search = "",
): Promise<PlaygroundSummary[]> {
  const pattern = `%${literally(search)}%`;
  const rows = await database.$queryRaw<ListedRow[]>`
    SELECT p.id, p.name, p.saved_at AS "savedAt", files.count::int AS "fileCount", files.bytes::int AS "byteCount",
      EXISTS (SELECT FROM sessions s WHERE s.playground_id = p.id AND s.state <> 'ended') AS live
    FROM playgrounds p
    CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE f.digest IS NOT NULL) AS count, coalesce(sum(b.bytes), 0) AS bytes
      FROM playground_files f
      LEFT JOIN playground_blobs b ON b.playground_id = f.playground_id AND b.digest = f.digest
      WHERE f.playground_id = p.id
    ) files
    WHERE p.owner_id = ${ownerId} AND (
      ${search} = '' OR p.name ILIKE ${pattern}
      OR EXISTS (SELECT FROM playground_files f WHERE f.playground_id = p.id AND f.path ILIKE ${pattern}))
    ORDER BY p.saved_at DESC LIMIT ${MAX_PLAYGROUNDS}::int`;
  return rows.map((row) => ({
    ...row,
    id: playgroundIdSchema.parse(row.id),
    savedAt: row.savedAt.getTime(),
  }));
}
