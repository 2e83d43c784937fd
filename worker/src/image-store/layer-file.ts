import { closeSync, constants, fstatSync, read } from "node:fs";
import { promisify } from "node:util";
import { NativeError, openInRoot, openLayers } from "@slipway/native";
import { SlipwayError } from "@slipway/protocol";

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
  if (directories.length === 0 || file.includes("\0")) throw missing(file);
  const root = openLayers(directories);
  try {
    const descriptor = openFile(root, file);
    try {
      const stats = fstatSync(descriptor);
      if (!stats.isFile()) throw missing(file);
      if (stats.size > limitBytes) throw tooLarge(file, stats.size, limitBytes);
      return await readWhole(descriptor, stats.size);
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
    return openInRoot(root, file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof NativeError && MISSING_ERRNOS.has(error.code)) throw missing(file);
    throw error;
  }
}

async function readWhole(descriptor: number, sizeBytes: number): Promise<Uint8Array> {
  const bytes = Buffer.alloc(sizeBytes);
  let filled = 0;
  while (filled < sizeBytes) {
    const { bytesRead } = await readAt(descriptor, bytes, filled, sizeBytes - filled, filled);
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
