import type { Digest } from "@slipway/protocol";
import { digestOf } from "../content/digest.ts";
import type { Image, ImageStore, StoredLayer } from "../image-store/image-store.ts";
import type { ImageConfig } from "../oci/image-spec.ts";

/** Images that are remembered. */
const MAX_IMAGES = 1024;

/** Makes images of configs, each once: a build of which all was cached gives the image of the build before. */
export class BuiltImages {
  readonly #store: ImageStore;
  /** Manifests by digest of config and layers; the one used longest ago comes first. */
  readonly #known = new Map<Digest, Promise<Digest>>();

  constructor(store: ImageStore) {
    this.#store = store;
  }

  async create(config: ImageConfig, layers: readonly StoredLayer[]): Promise<Image> {
    const key = digestOf(JSON.stringify([config, layers]));
    const known = await this.#known.get(key)?.catch(() => null);
    const image = known ? await this.#store.get(known) : null;
    if (image) return image;
    const made = this.#store.create(config, layers);
    const manifest = made.then(({ digest }) => digest);
    manifest.catch(() => this.#known.delete(key));
    this.#known.delete(key);
    this.#known.set(key, manifest);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_IMAGES) break;
      this.#known.delete(oldest);
    }
    return await made;
  }
}
