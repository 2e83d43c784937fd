import { closeSync } from "node:fs";
import { Readable } from "node:stream";
import { LayerPacker } from "@slipway/native";
import type { OpenedFiles } from "../../session/containers/container-view.ts";
import type { SessionHost } from "../../session/session-host.ts";

/** What one answer may hold: far above any disk of a session. */
const MOST_BYTES = 1024 ** 4;
const MOST_ENTRIES = 2_000_000;
const CHUNK_BYTES = 256 * 1024;

/**
 * An entry of an open directory, or all of them for "", with all below it as a tar, in ids of the container, while others may write there. The
 * descriptor is closed and the files are let go with the stream's end, which is early when the container needs them.
 */
export function packedFiles(
  { ids }: SessionHost,
  files: OpenedFiles,
  { directory, name, as }: { readonly directory: number; readonly name: string; readonly as: string },
): Readable {
  const packer = new LayerPacker({
    upper: directory,
    lowers: [],
    maxBytes: MOST_BYTES,
    maxEntries: MOST_ENTRIES,
    chunkBytes: CHUNK_BYTES,
    live: { name, as, ids },
  });
  closeSync(directory);
  const body = Readable.from(packer.chunks(), { objectMode: false, highWaterMark: CHUNK_BYTES });
  files.signal.addEventListener("abort", () => body.destroy(files.signal.reason), { once: true });
  // After a read that was under way, and also for a stream that nobody ever read from.
  body.once("close", () => {
    packer.close();
    files.close();
  });
  return body;
}
