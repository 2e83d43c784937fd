import { type Digest, SlipwayError } from "@slipway/protocol";
import type { z } from "zod";
import type { ContentStore } from "../content/content-store.ts";
import {
  type ImageConfig,
  type ImageManifest,
  imageConfigSchema,
  imageManifestSchema,
  MEDIA_TYPE_CONFIG,
  MEDIA_TYPE_MANIFEST,
} from "../oci/image-spec.ts";
import type { Snapshotter } from "../snapshot/snapshotter.ts";
import type { Image, ImageStore, StoredLayer } from "./image-store.ts";
import { IndexFile, parseJson } from "./index-file.ts";
import { parseReference } from "./reference.ts";
import { Unpacker } from "./unpacker.ts";

/** Manifests and configs are small; larger ones are not read. */
const MAX_JSON_BYTES = 4 * 1024 * 1024;

export interface ImageStoreOptions {
  /** The OCI image layout: the content store's directory. */
  readonly directory: string;
  readonly content: ContentStore;
  readonly snapshotter: Snapshotter;
  /** Where overlays are mounted for a moment. */
  readonly mountDirectory: string;
}

/** Opens the image store of an OCI image layout. */
export async function openImageStore(options: ImageStoreOptions): Promise<ImageStore> {
  return new OciImageStore(options, await IndexFile.open(options.directory));
}

class OciImageStore implements ImageStore {
  readonly #content: ContentStore;
  readonly #index: IndexFile;
  readonly #unpacker: Unpacker;

  constructor(options: ImageStoreOptions, index: IndexFile) {
    this.#content = options.content;
    this.#index = index;
    this.#unpacker = new Unpacker(options);
  }

  async resolve(reference: string): Promise<Image | null> {
    const { full, digest } = parseReference(reference);
    if (digest !== null) return this.get(digest as Digest);
    const descriptor = this.#index.get(full);
    if (!descriptor) return null;
    const image = await this.get(descriptor.digest);
    if (image) return image;
    throw new SlipwayError("store-corrupt", `The manifest of ${full} is missing.`, {
      params: { name: full },
    });
  }

  async get(manifestDigest: Digest): Promise<Image | null> {
    if ((await this.#content.size(manifestDigest)) === null) return null;
    const manifest = await this.#read(manifestDigest, imageManifestSchema, "manifest");
    const config = await this.#read(manifest.config.digest, imageConfigSchema, "config");
    const diffIds = config.rootfs.diff_ids;
    if (diffIds.length !== manifest.layers.length)
      throw malformed(manifestDigest, "manifest and config disagree");
    const layers = manifest.layers.map((layer, index) => ({
      digest: layer.digest,
      diffId: diffIds[index] as Digest,
      sizeBytes: layer.size,
      mediaType: layer.mediaType,
    }));
    return {
      digest: manifestDigest,
      manifest,
      imageId: manifest.config.digest,
      config,
      layers,
      snapshot: await this.#unpacker.unpack(layers),
      sizeBytes: layers.reduce((sum, layer) => sum + layer.sizeBytes, 0),
    };
  }

  async list(): Promise<string[]> {
    return this.#index.names();
  }

  async create(config: ImageConfig, layers: readonly StoredLayer[]): Promise<Image> {
    const configBlob = await this.#content.put(Buffer.from(JSON.stringify(config)));
    const manifest: ImageManifest = {
      schemaVersion: 2,
      mediaType: MEDIA_TYPE_MANIFEST,
      config: { mediaType: MEDIA_TYPE_CONFIG, digest: configBlob.digest, size: configBlob.sizeBytes },
      layers: layers.map((layer) => ({
        mediaType: layer.mediaType,
        digest: layer.digest,
        size: layer.sizeBytes,
      })),
    };
    const { digest } = await this.#content.put(Buffer.from(JSON.stringify(manifest)));
    const image = await this.get(digest);
    if (!image) throw malformed(digest, "it is gone");
    return image;
  }

  async tag(reference: string, manifest: Digest): Promise<void> {
    const size = await this.#content.size(manifest);
    if (size === null) {
      throw new SlipwayError("image-missing", `There is no image ${manifest}.`, {
        params: { digest: manifest },
      });
    }
    await this.#index.set(parseReference(reference).full, {
      mediaType: MEDIA_TYPE_MANIFEST,
      digest: manifest,
      size,
    });
  }

  async #read<Schema extends z.ZodType>(
    digest: Digest,
    schema: Schema,
    what: string,
  ): Promise<z.infer<Schema>> {
    const bytes = await this.#content.bytes(digest, MAX_JSON_BYTES);
    const parsed = schema.safeParse(parseJson(Buffer.from(bytes).toString("utf8")));
    if (!parsed.success) throw malformed(digest, `it is not an image ${what}`);
    return parsed.data;
  }
}

function malformed(digest: Digest, why: string): SlipwayError {
  return new SlipwayError("store-corrupt", `The image ${digest} can't be read: ${why}.`, {
    params: { digest },
  });
}
