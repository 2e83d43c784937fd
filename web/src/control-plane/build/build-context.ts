import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { BuildId, PlaygroundId } from "@slipway/protocol";
import { type Pack, pack } from "tar-stream";
import type { Database, Transaction } from "../db/database.ts";
import { isScript } from "../playground/blob-store.ts";

/** Where the Dockerfile is, in every playground for now. */
export const DOCKERFILE = "Dockerfile";

/** Contents that one query brings, bytes; a larger file comes alone. */
const READ_BYTES = 1024 * 1024;
/** Files that one query brings. */
const READ_FILES = 200;

interface FileSize {
  readonly path: string;
  readonly bytes: number;
}

/** The files and folders of a build, as they are stored. */
export type ContextFiles = readonly FileSize[];

/** Keeps the playground's files as they are now; contents are referred to. The row of the playground is locked. */
export async function saveContext(
  transaction: Transaction,
  id: BuildId,
  playgroundId: PlaygroundId,
): Promise<void> {
  await transaction.$executeRaw`
    INSERT INTO build_context_files (build_id, path, playground_id, digest, executable, updated_at)
    SELECT ${id}, path, playground_id, digest, executable, updated_at
    FROM playground_files WHERE playground_id = ${playgroundId}`;
}

/** The files of a build that is not over yet, sorted by path, without their content; null when there are none. */
export async function listContext(database: Database, id: BuildId): Promise<ContextFiles | null> {
  const files = await database.$queryRaw<FileSize[]>`
    SELECT c.path, coalesce(b.bytes, 0) AS bytes FROM build_context_files c
    LEFT JOIN playground_blobs b ON b.playground_id = c.playground_id AND b.digest = c.digest
    WHERE c.build_id = ${id} ORDER BY c.path COLLATE "C"`;
  return files.length === 0 ? null : files;
}

/** Deletes them: the build is over. */
export async function forgetContext(transaction: Transaction, id: BuildId): Promise<void> {
  await transaction.buildContextFile.deleteMany({ where: { buildId: id } });
}

/**
 * Writes files and folders as a tar: of modes 0644 and 0755 that belong to root, as a `docker build` of a checkout sends them.
 * Scripts that begin with `#!` are executable, since the editor has no other way to say so. No more than READ_BYTES of them,
 * or one file, are in memory at a time, however large the context is and however slowly it is read. Fails when the build ends
 * meanwhile; what was written then lacks the end of a tar.
 */
export async function writeContextTar(
  database: Database,
  id: BuildId,
  files: ContextFiles,
  target: Writable,
): Promise<void> {
  const tar = pack();
  const filled = fill(tar, database, id, files).catch((error: unknown) => {
    tar.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  await pipeline(tar, target);
  await filled;
}

async function fill(tar: Pack, database: Database, id: BuildId, files: ContextFiles): Promise<void> {
  for (const paths of portions(files)) {
    // In this form it takes a third of the time that Prisma's own form of bytes takes.
    const rows = await database.$queryRaw<ContextRow[]>`
      SELECT c.path, c.executable, c.updated_at AS "updatedAt", encode(b.content, 'base64') AS content
      FROM build_context_files c
      LEFT JOIN playground_blobs b ON b.playground_id = c.playground_id AND b.digest = c.digest
      WHERE c.build_id = ${id} AND c.path = ANY (${paths})`;
    if (rows.length !== paths.length) throw new Error(`The build ${id} ended while its files were sent.`);
    const found = new Map(rows.map((row) => [row.path, row]));
    for (const path of paths) {
      const row = found.get(path);
      if (row) await addEntry(tar, row);
    }
  }
  tar.finalize();
}

/** The paths in portions of READ_BYTES and READ_FILES at most. */
function portions(files: ContextFiles): string[][] {
  const all: string[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const file of files) {
    bytes += file.bytes;
    const last = all.at(-1);
    if (last && bytes <= READ_BYTES && last.length < READ_FILES) last.push(file.path);
    else {
      all.push([file.path]);
      bytes = file.bytes;
    }
  }
  return all;
}

interface ContextRow {
  readonly path: string;
  readonly executable: boolean;
  readonly updatedAt: Date;
  /** Base64; null for a folder. */
  readonly content: string | null;
}

/** Resolves when the file has been read from the tar, so that nothing piles up in front of a slow reader. */
function addEntry(tar: Pack, { path, executable, updatedAt, content }: ContextRow): Promise<void> {
  const mtime = new Date(Math.floor(updatedAt.getTime() / 1000) * 1000);
  const owner = { uid: 0, gid: 0, mtime };
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null) => (error ? reject(error) : resolve());
    if (content === null)
      return void tar.entry({ name: path, type: "directory", mode: 0o755, ...owner }, done);
    const bytes = Buffer.from(content, "base64");
    const mode = executable || isScript(bytes) ? 0o755 : 0o644;
    tar.entry({ name: path, type: "file", mode, ...owner }, bytes, done);
  });
}
