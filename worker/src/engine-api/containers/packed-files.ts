import { closeSync } from "node:fs";
import type { Readable } from "node:stream";
import type { OpenedFiles } from "../../session/containers/container-view.ts";
import { type ContainerTree, packedTree } from "../../session/files/packed-tree.ts";
import type { SessionHost } from "../../session/session-host.ts";

/** What one answer may hold: far above any disk of a session. */
const MOST = { maxBytes: 1024 ** 4, maxEntries: 2_000_000 };

/**
 * An entry of an open directory, or all of them for "", with all below it as a tar. The descriptor is closed and the files are let go
 * with the stream's end, which is early when the container needs them.
 */
export function packedFiles(
  { ids }: SessionHost,
  files: OpenedFiles,
  { directory, name, as }: Omit<ContainerTree, "ids">,
): Readable {
  const body = packedTree({ directory, name, as, ids }, MOST);
  closeSync(directory);
  files.signal.addEventListener("abort", () => body.destroy(files.signal.reason), { once: true });
  body.once("close", () => files.close());
  return body;
}
