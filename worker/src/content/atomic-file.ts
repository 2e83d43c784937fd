import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import path from "node:path";
import { SlipwayError } from "@slipway/protocol";

/**
 * Writes a file so that a kill or a power cut leaves the old content or the new one (rename(2), fsync(2)). The
 * temporary file lies in `temporary`, which is on the same file system and cleaned by its owner.
 */
export async function writeFileAtomically(
  file: string,
  bytes: Uint8Array | string,
  temporary: string,
): Promise<void> {
  const half = path.join(temporary, randomUUID());
  try {
    const handle = await open(half, "wx", 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(half, file);
    await syncDirectory(path.dirname(file));
  } catch (error) {
    await rm(half, { force: true });
    throw asDiskError(error);
  }
}

/** Makes renames and creations in a directory durable. */
export const syncDirectory = (directory: string): Promise<void> => syncFile(directory);

/** Makes the bytes of a file durable. */
export async function syncFile(file: string): Promise<void> {
  const handle = await open(file, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** ENOSPC and EDQUOT as `disk-full`; anything else as it is. */
export function asDiskError(error: unknown): unknown {
  const code = errnoOf(error);
  if (code !== "ENOSPC" && code !== "EDQUOT") return error;
  return new SlipwayError("disk-full", "The worker's disk is full.", { cause: error });
}

/** The `code` of a failed system call (`ENOENT`), or null. */
export function errnoOf(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}
