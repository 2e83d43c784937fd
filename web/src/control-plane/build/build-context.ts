import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { BuildId, PlaygroundId } from "@slipway/protocol";
import { type Pack, pack } from "tar-stream";
import type { Database, Transaction } from "../db/database.ts";

/** Where the Dockerfile is, in every playground for now. */
export const DOCKERFILE = "Dockerfile";

/** Text that one query brings, bytes of UTF-8; a larger file comes alone. */
const READ_BYTES = 1024 * 1024;
/** Files that one query brings. */
const READ_FILES = 200;

interface FileSize {
  readonly path: string;
  readonly bytes: number;
}

/** The files of a build, as they are stored. */
export type ContextFiles = readonly FileSize[];

/** Keeps the playground's files as they are now. They are copied inside of the database. */
export async function saveContext(
  transaction: Transaction,
  id: BuildId,
  playgroundId: PlaygroundId,
): Promise<void> {
  await transaction.$executeRaw`
    INSERT INTO build_context_files (build_id, path, content, updated_at)
    SELECT ${id}, path, content, updated_at FROM playground_files WHERE playground_id = ${playgroundId}`;
}

/** The files of a build that is not over yet, sorted by path, without their content; null when there are none. */
export async function listContext(database: Database, id: BuildId): Promise<ContextFiles | null> {
  const files = await database.$queryRaw<FileSize[]>`
    SELECT path, octet_length(content) AS bytes FROM build_context_files WHERE build_id = ${id} ORDER BY path`;
  return files.length === 0 ? null : files;
}

/** Deletes them: the build is over. */
export async function forgetContext(transaction: Transaction, id: BuildId): Promise<void> {
  await transaction.buildContextFile.deleteMany({ where: { buildId: id } });
}

/**
 * Writes the files as a tar: plain files of mode 0644 that belong to root, as a `docker build` of a checkout sends them.
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
    const rows = await database.buildContextFile.findMany({
      where: { buildId: id, path: { in: paths } },
      orderBy: { path: "asc" },
    });
    if (rows.length !== paths.length) throw new Error(`The build ${id} ended while its files were sent.`);
    for (const row of rows) await addFile(tar, row);
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

/** Resolves when the file has been read from the tar, so that nothing piles up in front of a slow reader. */
function addFile(tar: Pack, file: { path: string; content: string; updatedAt: Date }): Promise<void> {
  const content = Buffer.from(file.content);
  const mode = file.content.startsWith("#!") ? 0o755 : 0o644;
  const mtime = new Date(Math.floor(file.updatedAt.getTime() / 1000) * 1000);
  return new Promise((resolve, reject) => {
    const header = { name: file.path, type: "file", mode, uid: 0, gid: 0, mtime } as const;
    tar.entry(header, content, (error) => (error ? reject(error) : resolve()));
  });
}
