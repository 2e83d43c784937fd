import { closeSync, constants, fstatSync, read } from "node:fs";
import { promisify } from "node:util";
import { NativeError, openInRoot, openLayers } from "@slipway/native";
import { type FilePart, MAX_FILE_PART_BYTES, SlipwayError } from "@slipway/protocol";
import { bytesOf } from "../layer/name-bytes.ts";

const readAt = promisify(read);

/** What a path that leads nowhere, or to what is no regular file, fails with. */
const MISSING_ERRNOS = new Set(["ENOENT", "ENOTDIR", "ELOOP", "ENXIO", "ENAMETOOLONG", "EACCES", "EINVAL"]);

/**
 * A regular file of the tree that layers are together, the topmost directory first. Links are followed inside of the tree, as a
 * container would. Rejects with `file-missing` and `file-too-large`.
 */
export async function readLayerFile(
  directories: readonly string[],
  file: string,
  limitBytes: number,
): Promise<Uint8Array> {
  return await withFile(directories, file, async (descriptor, sizeBytes) => {
    if (sizeBytes > limitBytes) throw tooLarge(file, sizeBytes, limitBytes);
    return await readFrom(descriptor, 0, sizeBytes);
  });
}

/** A part of such a file, from an offset on. Rejects with `file-missing`. */
export async function readFilePart(
  directories: readonly string[],
  file: string,
  offset: number,
): Promise<FilePart> {
  return await withFile(directories, file, async (descriptor, sizeBytes) => {
    const wanted = Math.max(0, Math.min(MAX_FILE_PART_BYTES, sizeBytes - offset));
    const bytes = await readFrom(descriptor, offset, wanted);
    return { sizeBytes, offset, base64: bytes.toString("base64") };
  });
}

async function withFile<Result>(
  directories: readonly string[],
  file: string,
  work: (descriptor: number, sizeBytes: number) => Promise<Result>,
): Promise<Result> {
  if (directories.length === 0 || file.includes("\0")) throw missing(file);
  const root = openLayers(directories);
  try {
    const descriptor = openFile(root, file);
    try {
      const stats = fstatSync(descriptor);
      if (!stats.isFile()) throw missing(file);
      return await work(descriptor, stats.size);
    } finally {
      closeSync(descriptor);
    }
  } finally {
    closeSync(root);
  }
}

function openFile(root: number, file: string): number {
  try {
    // A pipe would wait for its other end without O_NONBLOCK.
    return openInRoot(root, bytesOf(file), constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof NativeError && MISSING_ERRNOS.has(error.code)) throw missing(file);
    throw error;
  }
}

async function readFrom(descriptor: number, offset: number, wanted: number): Promise<Buffer> {
  const bytes = Buffer.alloc(wanted);
  let filled = 0;
  while (filled < wanted) {
    const { bytesRead } = await readAt(descriptor, bytes, filled, wanted - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

function missing(file: string): SlipwayError {
  const shown = file.slice(0, 1000);
  return new SlipwayError("file-missing", `There is no regular file "${shown}" at this layer.`, {
    params: { path: shown },
  });
}

function tooLarge(file: string, sizeBytes: number, limitBytes: number): SlipwayError {
  const shown = file.slice(0, 1000);
  return new SlipwayError("file-too-large", `"${shown}" has ${sizeBytes} bytes.`, {
    params: { path: shown, sizeBytes, limitBytes },
  });
}
