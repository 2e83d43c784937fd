import { Readable } from "node:stream";
import { LayerPacker, type LiveTree, type MappedRange, type PackOptions } from "@slipway/native";
import type { DownloadLimits } from "./container-files.ts";

const CHUNK_BYTES = 256 * 1024;

/** Files of a container that are packed while its processes may write there. */
export interface ContainerTree extends Pick<LiveTree, "name" | "as"> {
  /** Descriptor of the directory that `name` is in; it can be closed after the call. */
  readonly directory: number;
  /** The container's. */
  readonly ids: MappedRange;
}

const packer = (
  { directory, ...live }: ContainerTree,
  limits: DownloadLimits,
  form: Pick<PackOptions, "lists">,
) => new LayerPacker({ upper: directory, lowers: [], ...limits, ...form, chunkBytes: CHUNK_BYTES, live });

/** A tree as a tar, in ids of the container. Whoever gets the stream reads it to its end or destroys it. */
export function packedTree(tree: ContainerTree, limits: DownloadLimits): Readable {
  const opened = packer(tree, limits, {});
  const body = Readable.from(opened.chunks(), { objectMode: false, highWaterMark: CHUNK_BYTES });
  // After a read that was under way, and also for a stream that nobody ever read from.
  body.once("close", () => opened.close());
  return body;
}

/** Looks through a tree without reading a file. Rejects with NativeError "pack", E2BIG or EFBIG, above the limits. */
export async function checkTree(tree: ContainerTree, limits: DownloadLimits): Promise<void> {
  const opened = packer(tree, limits, { lists: true });
  try {
    for await (const _ of opened.chunks());
  } finally {
    opened.close();
  }
}
