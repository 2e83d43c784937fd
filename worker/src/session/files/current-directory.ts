import { readlink } from "node:fs/promises";
import { nameOf } from "../../layer/name-bytes.ts";

/**
 * The directory in which a process of a container is, as the container names it; `/` where the process has gone, or its directory.
 * `hostPid`: of a process that is not waited for yet, so that the number is its own.
 */
export async function currentDirectory(hostPid: number | null): Promise<string> {
  if (hostPid === null) return "/";
  // The kernel writes a path of another mount namespace from that one's root (d_path), and marks what was deleted.
  const bytes = await readlink(`/proc/${hostPid}/cwd`, { encoding: "buffer" }).catch(() => null);
  const found = bytes === null ? "/" : nameOf(bytes);
  return found.startsWith("/") && !found.endsWith(" (deleted)") ? found : "/";
}
