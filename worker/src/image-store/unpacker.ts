import path from "node:path";
import { type Digest, SlipwayError } from "@slipway/protocol";
import type { ContentStore } from "../content/content-store.ts";
import { Digester, hexOf } from "../content/digest.ts";
import { checkFreeSpace, RESERVED_BYTES, watchFreeSpace } from "../disk/free-space.ts";
import { applyTar } from "../layer/apply.ts";
import { LAYER_LIMITS, type LayerLimits } from "../layer/layer.ts";
import { withMerged } from "../layer/merged.ts";
import { TarTooLarge } from "../layer/tar-problem.ts";
import { LAYER_FORMS } from "../oci/image-spec.ts";
import type { Snapshotter } from "../snapshot/snapshotter.ts";
import { nextChainId } from "./chain-id.ts";
import { decompressed } from "./decompressed.ts";
import type { StoredLayer } from "./image-store.ts";

/** Of the keys of snapshots while they are unpacked. */
export const UNPACK_KEY_PREFIX = "unpack-";

export interface UnpackerOptions {
  readonly content: ContentStore;
  readonly snapshotter: Snapshotter;
  /** Where overlays are mounted while a layer is unpacked; nothing else is in it. */
  readonly mountDirectory: string;
  /** What one layer may hold; LAYER_LIMITS unless given. */
  readonly layerLimits?: LayerLimits;
}

/** Unpacks layers into committed snapshots that are named by their chainID, each once for all who ask. */
export class Unpacker {
  readonly #options: UnpackerOptions;
  readonly #running = new Map<string, Promise<void>>();

  constructor(options: UnpackerOptions) {
    this.#options = options;
  }

  /** Name of the snapshot that holds all layers, unpacked now where it was not. Null for no layers. */
  async unpack(layers: readonly StoredLayer[]): Promise<string | null> {
    let parent: string | null = null;
    for (const layer of layers) {
      // Known at once, so a lie is found also where the snapshot is there already and nothing is unpacked.
      if (LAYER_FORMS.get(layer.mediaType) === "tar" && layer.digest !== layer.diffId)
        throw wrongLayer(layer);
      const name: string = nextChainId(parent, layer.diffId);
      if (!(await this.#options.snapshotter.has(name))) await this.#once(name, parent, layer);
      parent = name;
    }
    return parent;
  }

  #once(name: string, parent: string | null, layer: StoredLayer): Promise<void> {
    const running = this.#running.get(name);
    if (running !== undefined) return running;
    const started = this.#unpackLayer(name, parent, layer).finally(() => this.#running.delete(name));
    this.#running.set(name, started);
    return started;
  }

  async #unpackLayer(name: string, parent: string | null, layer: StoredLayer): Promise<void> {
    const { snapshotter } = this.#options;
    const key = `${UNPACK_KEY_PREFIX}${hexOf(name as Digest)}`;
    // What a killed worker left of the same layer.
    await snapshotter.remove(key);
    const active = await snapshotter.prepare(key, parent);
    try {
      await withMerged(active, path.join(this.#options.mountDirectory, key), (root) =>
        this.#apply(layer, root),
      );
      await snapshotter.commit(name, key);
    } catch (error) {
      await snapshotter.remove(key);
      throw error;
    }
  }

  async #apply(layer: StoredLayer, root: string): Promise<void> {
    const { content, mountDirectory, layerLimits: limits = LAYER_LIMITS } = this.#options;
    await checkFreeSpace(mountDirectory, RESERVED_BYTES);
    const space = watchFreeSpace(mountDirectory, RESERVED_BYTES);
    try {
      const digester = new Digester();
      const blob = await content.stream(layer.digest);
      const tar = digested(decompressed(blob, layer, limits), digester);
      await applyTar(tar, root, {
        limits,
        whiteouts: "apply",
        subject: `The layer ${layer.digest}`,
        signal: space.signal,
      });
      if (digester.digest() === layer.diffId) return;
      throw wrongLayer(layer);
    } finally {
      space.stop();
    }
  }
}

const wrongLayer = ({ digest, diffId }: StoredLayer): SlipwayError =>
  new SlipwayError("store-corrupt", `The layer ${digest} does not unpack to ${diffId}.`, {
    params: { digest },
  });

/** What is wrong with a layer as an error of the image that it came with. */
export function asImageError(error: unknown): unknown {
  if (!(error instanceof SlipwayError)) return error;
  if (error.code !== "context-invalid" && error.code !== "store-corrupt") return error;
  const code = error.cause instanceof TarTooLarge ? "image-too-large" : "image-invalid";
  return new SlipwayError(code, error.message, { params: error.params, cause: error });
}

/** Also reads what follows the end of the archive: it is part of the digest. */
async function* digested(source: AsyncIterable<Uint8Array>, digester: Digester): AsyncIterable<Uint8Array> {
  for await (const chunk of source) {
    digester.update(chunk);
    yield chunk;
  }
}
