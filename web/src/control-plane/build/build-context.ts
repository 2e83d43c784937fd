import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { BuildId } from "@slipway/protocol";
import { pack } from "tar-stream";
import { z } from "zod";
import type { Database, Transaction } from "../db/database.ts";
import { decode, encode } from "../db/documents.ts";

/** Where the Dockerfile is, in every playground for now. */
export const DOCKERFILE = "Dockerfile";

/** A playground's files as they were when the build was started. Times are milliseconds since the epoch. */
const contextFilesSchema = z.array(
  z.object({ path: z.string(), content: z.string(), updatedAt: z.number() }),
);
export type ContextFiles = z.infer<typeof contextFilesSchema>;

export async function saveContext(transaction: Transaction, id: BuildId, files: ContextFiles): Promise<void> {
  await transaction.buildContext.create({ data: { buildId: id, files: encode(contextFilesSchema, files) } });
}

/** The files of a build that is not over yet, or null. */
export async function loadContext(database: Database, id: BuildId): Promise<ContextFiles | null> {
  const row = await database.buildContext.findUnique({ where: { buildId: id } });
  return row && decode(contextFilesSchema, row.files);
}

/**
 * Writes the files as a tar: plain files of mode 0644 that belong to root, as a `docker build` of a checkout sends them.
 * Scripts that begin with `#!` are executable, since the editor has no other way to say so.
 */
export async function writeContextTar(files: ContextFiles, target: Writable): Promise<void> {
  const tar = pack();
  const written = pipeline(tar, target);
  for (const file of files) {
    const mode = file.content.startsWith("#!") ? 0o755 : 0o644;
    const mtime = new Date(Math.floor(file.updatedAt / 1000) * 1000);
    tar.entry({ name: file.path, type: "file", mode, uid: 0, gid: 0, mtime }, file.content);
  }
  tar.finalize();
  await written;
}
