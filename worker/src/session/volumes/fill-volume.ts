import { closeSync, constants } from "node:fs";
import { chmod, chown, readdir, stat } from "node:fs/promises";
import { copyTree, NativeError, openInRoot, openLayers } from "@slipway/native";
import { asDiskError } from "../../content/atomic-file.ts";

/**
 * Copies what an image has at a path into the directory of a volume that holds nothing, with owner and mode of the path
 * itself: what `docker run` does before it mounts a new volume there. A path that is missing in the image, or is no
 * directory, leaves the volume as it is. `lowers`: directories of the image's layers, the topmost first.
 */
export async function fillVolume(
  directory: string,
  lowers: readonly string[],
  target: string,
): Promise<void> {
  if (lowers.length === 0 || (await readdir(directory)).length > 0) return;
  const root = openLayers(lowers);
  try {
    const source = openDirectoryInRoot(root, target);
    if (source === null) return;
    try {
      // The dot makes it a directory and no link, which the copier does not follow.
      const from = `/proc/self/fd/${source}/.`;
      await copyTree(from, directory);
      const { uid, gid, mode } = await stat(from);
      await chown(directory, uid, gid);
      await chmod(directory, mode & 0o7777);
    } catch (error) {
      throw asDiskError(error);
    } finally {
      closeSync(source);
    }
  } finally {
    closeSync(root);
  }
}

function openDirectoryInRoot(root: number, target: string): number | null {
  try {
    return openInRoot(root, target.replace(/^\/+/, "") || ".", constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    if (error instanceof NativeError && ["ENOENT", "ENOTDIR", "ELOOP"].includes(error.code)) return null;
    throw error;
  }
}
