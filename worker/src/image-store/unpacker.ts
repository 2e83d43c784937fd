import path from "node:path";
import { createGunzip } from "node:zlib";
import { type Digest, SlipwayError } from "@slipway/protocol";
import type { ContentStore } from "../content/content-store.ts";
import { Digester, hexOf } from "../content/digest.ts";
import { applyTar } from "../layer/apply.ts";
import { LAYER_LIMITS } from "../layer/layer.ts";
import { withMerged } from "../layer/merged.ts";
import { MEDIA_TYPE_LAYER, MEDIA_TYPE_LAYER_GZIP } from "../oci/image-spec.ts";
import type { Snapshotter } from "../snapshot/snapshotter.ts";
import { nextChainId } from "./chain-id.ts";
import type { StoredLayer } from "./image-store.ts";

/** Of the keys of snapshots while they are unpacked. */
export const UNPACK_KEY_PREFIX = "unpack-";

export interface UnpackerOptions {
  readonly content: ContentStore;
  readonly snapshotter: Snapshotter;
  /** Where overlays are mounted while a layer is unpacked; nothing else is in it. */
  readonly mountDirectory: string;
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
    const digester = new Digester();
    const blob = await this.#options.content.stream(layer.digest);
    const tar = digested(decompressed(blob, layer.mediaType), digester);
    await applyTar(tar, root, {
      limits: LAYER_LIMITS,
      whiteouts: "apply",
      subject: `The layer ${layer.digest}`,
    });
    if (digester.digest() === layer.diffId) return;
    throw new SlipwayError("store-corrupt", `The layer ${layer.digest} does not unpack to ${layer.diffId}.`, {
      params: { digest: layer.digest },
    });
  }
}

function decompressed(blob: NodeJS.ReadableStream, mediaType: string): AsyncIterable<Uint8Array> {
  if (mediaType === MEDIA_TYPE_LAYER) return blob as AsyncIterable<Uint8Array>;
  if (mediaType !== MEDIA_TYPE_LAYER_GZIP) {
    throw new SlipwayError("store-corrupt", `Layers of type ${mediaType} can't be unpacked.`, {
      params: { mediaType },
    });
  }
  const gunzip = createGunzip();
  blob.on("error", (error) => gunzip.destroy(error));
  return blob.pipe(gunzip);
}

/** Also reads what follows the end of the archive: it is part of the digest. */
async function* digested(source: AsyncIterable<Uint8Array>, digester: Digester): AsyncIterable<Uint8Array> {
  for await (const chunk of source) {
    digester.update(chunk);
    yield chunk;
  }
}
