import type { PlaygroundId } from "@slipway/protocol";
import type { Database, Transaction } from "../db/database.ts";
import type { FileEntry } from "./playground.ts";

/** A file or folder with what is known of its content. */
export interface FileRow {
  readonly path: string;
  readonly digest: string | null;
  readonly executable: boolean;
  readonly updatedAt: Date;
  readonly bytes: number;
  readonly isText: boolean;
  readonly isVersioned: boolean;
}

/** All files of a playground, sorted by path; contents stay in the database. */
export function readRows(database: Database | Transaction, id: PlaygroundId): Promise<FileRow[]> {
  return database.$queryRaw<FileRow[]>`
    SELECT f.path, f.digest, f.executable, f.updated_at AS "updatedAt", coalesce(b.bytes, 0) AS bytes,
      coalesce(b.is_text, false) AS "isText", coalesce(b.is_versioned, true) AS "isVersioned"
    FROM playground_files f
    LEFT JOIN playground_blobs b ON b.playground_id = f.playground_id AND b.digest = f.digest
    WHERE f.playground_id = ${id} ORDER BY f.path COLLATE "C"`;
}

export const entryOf = (row: FileRow): FileEntry => ({
  path: row.path,
  digest: row.digest,
  bytes: row.bytes,
  isText: row.isText,
  executable: row.executable,
  updatedAt: row.updatedAt.getTime(),
});
