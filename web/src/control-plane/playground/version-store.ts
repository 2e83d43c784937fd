import type { PlaygroundId } from "@slipway/protocol";
import type { Transaction } from "../db/database.ts";
import { encode } from "../db/documents.ts";
import { dropUnused } from "./blob-store.ts";
import { readRows } from "./file-rows.ts";
import { MAX_STORED_BYTES, MAX_VERSIONS, treeSchema, type VersionCause } from "./playground-version.ts";

/** Share of the versions that goes at once when there are too many, so that it does not happen with every new one. */
const TRIM_SHARE = 0.1;

export interface LockedPlayground {
  readonly revision: number;
  readonly versionRevision: number;
  readonly savedAt: Date;
}

/** Takes the lock under which files, versions and contents of a playground change; null when it is gone. */
export async function lockPlayground(
  transaction: Transaction,
  id: PlaygroundId,
): Promise<LockedPlayground | null> {
  const rows = await transaction.$queryRaw<LockedPlayground[]>`
    SELECT revision, version_revision AS "versionRevision", saved_at AS "savedAt"
    FROM playgrounds WHERE id = ${id} FOR UPDATE`;
  return rows[0] ?? null;
}

/** Records the files as they are, unless the newest version is just that. `trimVersions` comes after it. */
export async function recordVersion(
  transaction: Transaction,
  id: PlaygroundId,
  { revision, versionRevision, savedAt }: LockedPlayground,
  cause: VersionCause,
  name: string | null = null,
): Promise<void> {
  if (revision === versionRevision) return;
  const rows = await readRows(transaction, id);
  const tree = rows.map(({ path, digest, bytes, executable, updatedAt }) => ({
    path,
    digest,
    bytes,
    executable,
    updatedAt: updatedAt.getTime(),
  }));
  const files = rows.filter((row) => row.digest !== null);
  const newest = await transaction.playgroundVersion.aggregate({
    where: { playgroundId: id },
    _max: { number: true },
  });
  await transaction.playgroundVersion.create({
    data: {
      playgroundId: id,
      number: (newest._max.number ?? 0) + 1,
      cause,
      name,
      createdAt: savedAt,
      fileCount: files.length,
      byteCount: files.reduce((sum, row) => sum + row.bytes, 0),
      tree: encode(treeSchema, tree),
    },
  });
  await transaction.$executeRaw`
    UPDATE playground_blobs SET is_versioned = true
    WHERE playground_id = ${id} AND NOT is_versioned
      AND digest IN (SELECT digest FROM playground_files WHERE playground_id = ${id})`;
  await transaction.playground.update({ where: { id }, data: { versionRevision: revision } });
}

/** Removes the oldest versions while there are too many or their contents take too much; those without a name first. */
export async function trimVersions(transaction: Transaction, id: PlaygroundId): Promise<void> {
  await dropUnused(transaction, id);
  for (let rounds = 0; rounds < MAX_VERSIONS; rounds += 1) {
    const count = await transaction.playgroundVersion.count({ where: { playgroundId: id } });
    const stored = await transaction.playgroundBlob.aggregate({
      where: { playgroundId: id },
      _sum: { bytes: true },
    });
    const tooMuch = (stored._sum.bytes ?? 0) > MAX_STORED_BYTES;
    if (count <= 1 || (count <= MAX_VERSIONS && !tooMuch)) return;
    // The newest one, which was just recorded, stays.
    await transaction.$executeRaw`
      DELETE FROM playground_versions v USING (
        SELECT number FROM playground_versions WHERE playground_id = ${id}
          AND number < (SELECT max(number) FROM playground_versions WHERE playground_id = ${id})
        ORDER BY name IS NOT NULL, number LIMIT ${Math.ceil((count - 1) * TRIM_SHARE)}::int
      ) old WHERE v.playground_id = ${id} AND v.number = old.number`;
    await transaction.$executeRaw`
      UPDATE playground_blobs b SET is_versioned = false
      WHERE b.playground_id = ${id} AND b.is_versioned AND b.digest NOT IN (
        SELECT entry ->> 'digest' FROM playground_versions v, jsonb_array_elements(v.tree::jsonb) entry
        WHERE v.playground_id = ${id} AND entry ->> 'digest' IS NOT NULL)`;
    await dropUnused(transaction, id);
  }
}
