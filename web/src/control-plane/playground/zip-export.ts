import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { PlaygroundId } from "@slipway/protocol";
import { ZipFile } from "yazl";
import type { Database } from "../db/database.ts";
import { type FileRow, readRows } from "./file-rows.ts";
import { readBlob } from "./file-text.ts";

const FILE_MODE = 0o100_644;
const PROGRAM_MODE = 0o100_755;
const FOLDER_MODE = 0o40_755;

/** Writes a playground's files as a zip. One content is in memory at a time, however slowly the zip is read. */
export async function writeZip(database: Database, id: PlaygroundId, target: Writable): Promise<void> {
  const zip = new ZipFile();
  const broken = new AbortController();
  // yazl tells of a content that could not be read here and leaves its stream open.
  zip.on("error", (error) => broken.abort(error));
  for (const row of await readRows(database, id)) addRow(zip, row, () => contentOf(database, id, row));
  zip.end();
  await pipeline(zip.outputStream, target, { signal: broken.signal });
}

function addRow(zip: ZipFile, row: FileRow, read: () => Promise<Buffer>): void {
  const { path, digest, executable, updatedAt: mtime } = row;
  if (digest === null) {
    zip.addEmptyDirectory(path, { mtime, mode: FOLDER_MODE });
    return;
  }
  const mode = executable ? PROGRAM_MODE : FILE_MODE;
  zip.addReadStreamLazy(path, { mtime, mode, compress: true }, (done) => {
    read().then(
      (content) => done(null, Readable.from([content], { objectMode: false })),
      (error: unknown) => done(error, Readable.from([])),
    );
  });
}

async function contentOf(database: Database, id: PlaygroundId, { path, digest }: FileRow): Promise<Buffer> {
  const content = digest === null ? null : await readBlob(database, id, digest);
  if (!content) throw new Error(`The content of ${path} went while the zip was written.`);
  return content;
}
