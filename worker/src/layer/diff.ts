import { closeSync } from "node:fs";
import { LayerPacker, NativeError } from "@slipway/native";
import { SlipwayError } from "@slipway/protocol";
import type { ContentStore } from "../content/content-store.ts";
import { openDirectory } from "./descriptors.ts";
import { type DiffedLayer, type LayerLimits, WHITEOUT_PREFIX } from "./layer.ts";

/** What is read on another thread, and then hashed on this one, at a time: some 2 ms even without SHA instructions. */
const CHUNK_BYTES = 512 * 1024;

export interface DiffOptions {
  readonly content: ContentStore;
  readonly limits: LayerLimits;
  readonly signal?: AbortSignal;
  /** Called before so many bytes of the tar are stored; what it throws ends the diff. */
  readonly charge?: (bytes: number) => void;
}

/**
 * Writes what the upper directory of an overlay changes as a layer into the content store. The same tree gives the same
 * bytes: entries are sorted, names of users are left out, times are whole seconds. Null when nothing was changed.
 */
export async function diffUpper(
  upper: string,
  lowers: readonly string[],
  options: DiffOptions,
): Promise<DiffedLayer | null> {
  const packer = openPacker(upper, lowers, options.limits);
  try {
    const chunks = packer.chunks();
    const first = await chunks.next();
    if (first.done) return null;
    const blob = await options.content.ingest(charged(withFirst(first.value, chunks), options.charge), {
      // Headers come on top of the content; each entry has a block or a few.
      limitBytes: options.limits.maxBytes + options.limits.maxEntries * 4096,
      ...(options.signal ? { signal: options.signal } : {}),
    });
    const { bytesAdded, ...files } = packer.totals();
    return { ...blob, bytesAdded, files };
  } catch (error) {
    throw asLayerError(error, options.limits);
  } finally {
    packer.close();
  }
}

function openPacker(upper: string, lowers: readonly string[], limits: LayerLimits): LayerPacker {
  const opened: number[] = [];
  try {
    for (const directory of [upper, ...lowers]) opened.push(openDirectory(directory));
    const [root = -1, ...below] = opened;
    return new LayerPacker({ upper: root, lowers: below, ...limits, chunkBytes: CHUNK_BYTES });
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}

async function* withFirst(
  first: Uint8Array,
  rest: AsyncGenerator<Uint8Array, void, undefined>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield first;
    yield* rest;
  } finally {
    await rest.return();
  }
}

async function* charged(
  chunks: AsyncIterable<Uint8Array>,
  charge: (bytes: number) => void = () => {},
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    charge(chunk.byteLength);
    yield chunk;
  }
}

/** Why an entry can't be in a layer, by the code of LayerPacker. */
const UNPACKABLE: Readonly<Record<string, string>> = {
  EINVAL: `starts with ${WHITEOUT_PREFIX}`,
  EXDEV: "was renamed in place",
  ELOOP: "is nested too deeply",
};

function asLayerError(error: unknown, limits: LayerLimits): unknown {
  if (!(error instanceof NativeError) || error.syscall !== "pack") return error;
  if (error.code === "E2BIG") return tooLarge(`${limits.maxEntries} entries`);
  if (error.code === "EFBIG") return tooLarge(`${limits.maxBytes} bytes`);
  const shown = error.path.slice(0, 200);
  return new SlipwayError(
    "run-failed",
    `"${shown}" can't be stored in an image layer: it ${UNPACKABLE[error.code] ?? "has no form there"}.`,
    { params: { path: shown } },
  );
}

function tooLarge(limit: string): SlipwayError {
  return new SlipwayError("disk-full", `A layer may have ${limit} at most.`, { params: { limit } });
}
