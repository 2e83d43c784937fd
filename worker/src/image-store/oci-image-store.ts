import { mkdir, readdir, rmdir } from "node:fs/promises";
import path from "node:path";
import { unmount } from "@slipway/native";
import { type Digest, SlipwayError } from "@slipway/protocol";
import type { z } from "zod";
import type { ContentStore } from "../content/content-store.ts";
import type { LayerLimits } from "../layer/layer.ts";
import {
  type ImageConfig,
  type ImageManifest,
  imageConfigSchema,
  imageManifestSchema,
  MEDIA_TYPE_CONFIG,
  MEDIA_TYPE_MANIFEST,
} from "../oci/image-spec.ts";
import type { Snapshotter } from "../snapshot/snapshotter.ts";
import { Collecting } from "./collecting.ts";
import type { CollectorOptions } from "./collector.ts";
import { Comparisons } from "./comparisons.ts";
import { ImageMarks } from "./image-marks.ts";
import type {
  Collected,
  EvictableCache,
  Image,
  ImageStore,
  Lease,
  LeaseScope,
  StoredLayer,
  TagOptions,
} from "./image-store.ts";
import { createImageView, type ImageView } from "./image-view.ts";
import { IndexFile, KEPT, type PulledFrom, parseJson, pulledAnnotations, pulledFrom } from "./index-file.ts";
import { readLayerFile } from "./layer-file.ts";
import { chainOf, LayerView, noLayer } from "./layer-view.ts";
import { LeaseBook } from "./lease-book.ts";
import { parseReference } from "./reference.ts";
import { StoreSize } from "./store-size.ts";
import { asImageError, UNPACK_KEY_PREFIX, Unpacker } from "./unpacker.ts";

/** Manifests and configs are small; larger ones are not read. */
const MAX_JSON_BYTES = 4 * 1024 * 1024;

/** Images whose manifests and configs are kept in memory. */
const KNOWN_IMAGES = 256;

export interface ImageStoreOptions {
  /** The OCI image layout: the content store's directory. */
  readonly directory: string;
  readonly content: ContentStore;
  readonly snapshotter: Snapshotter;
  /** Where overlays are mounted for a moment. */
  readonly mountDirectory: string;
  /** What one layer may hold; LAYER_LIMITS unless given. */
  readonly layerLimits?: LayerLimits;
  /** What blobs and snapshots may take on the disk; no limit unless given. */
  readonly limitBytes?: number;
  /** Told of collections that nobody waits for. */
  readonly onCollected?: (result: Collected | Error) => void;
}

/** Opens the image store of an OCI image layout. */
export async function openImageStore(options: ImageStoreOptions): Promise<ImageStore> {
  const { directory, snapshotter } = options;
  await removeLeftOvers(options);
  const leases = new LeaseBook();
  const parts = {
    layout: directory,
    content: options.content,
    snapshotter,
    index: await IndexFile.open(directory),
    marks: await ImageMarks.open(path.join(directory, "images")),
    view: await LayerView.open({ directory: path.join(directory, "layer-view"), snapshotter }),
    leases,
    size: await StoreSize.open(directory),
    limitBytes: options.limitBytes ?? Number.POSITIVE_INFINITY,
  };
  const comparisons = await Comparisons.open({ directory: path.join(directory, "comparisons"), snapshotter });
  return new OciImageStore(
    parts,
    new Unpacker(options),
    new Collecting(parts, options.onCollected),
    comparisons,
  );
}

/** Half-made snapshots of a killed worker, and what they were mounted at. */
async function removeLeftOvers({ mountDirectory, snapshotter }: ImageStoreOptions): Promise<void> {
  await mkdir(mountDirectory, { recursive: true, mode: 0o700 });
  for (const name of await readdir(mountDirectory)) {
    const target = path.join(mountDirectory, name);
    // Not mounted, mostly; a mount must be gone before its snapshot is deleted.
    await unmount(target, { detach: true }).catch(() => undefined);
    await rmdir(target);
  }
  for (const key of await snapshotter.activeKeys()) {
    if (key.startsWith(UNPACK_KEY_PREFIX)) await snapshotter.remove(key);
  }
}

class OciImageStore implements ImageStore {
  readonly #parts: Omit<CollectorOptions, "caches">;
  readonly #unpacker: Unpacker;
  readonly #collecting: Collecting;
  /** Images as they were read; the one used longest ago comes first. */
  readonly #known = new Map<Digest, { manifestBytes: number; image: Omit<Image, "snapshot"> }>();

  readonly view: ImageView;

  constructor(
    parts: Omit<CollectorOptions, "caches">,
    unpacker: Unpacker,
    collecting: Collecting,
    comparisons: Comparisons,
  ) {
    this.#parts = parts;
    this.view = createImageView({
      ...parts,
      comparisons,
      holding: (images, work) => this.#holding(images, work),
    });
    this.#unpacker = unpacker;
    this.#collecting = collecting;
  }

  async resolve(reference: string): Promise<Image | null> {
    const { full, digest } = parseReference(reference);
    const descriptor = this.#parts.index.get(full);
    if (!descriptor) return digest === null ? null : await this.get(digest as Digest);
    const image = await this.get(descriptor.digest);
    if (image) return image;
    throw new SlipwayError("store-corrupt", `The manifest of ${full} is missing.`, {
      params: { name: full },
    });
  }

  async get(manifestDigest: Digest): Promise<Image | null> {
    const manifestBytes = await this.#parts.content.size(manifestDigest);
    if (manifestBytes === null) return null;
    await this.#parts.marks.use(manifestDigest);
    const known = this.#known.get(manifestDigest);
    // A file of another size has been tampered with: reading says what is wrong.
    const image =
      known?.manifestBytes === manifestBytes ? known.image : await this.#readImage(manifestDigest);
    this.#known.delete(manifestDigest);
    this.#known.set(manifestDigest, { manifestBytes, image });
    for (const [oldest] of this.#known) {
      if (this.#known.size <= KNOWN_IMAGES) break;
      this.#known.delete(oldest);
    }
    return { ...image, snapshot: await this.#unpacker.unpack(image.layers) };
  }

  /** What manifest and config say, verified by their digests; it never changes. */
  async #readImage(manifestDigest: Digest): Promise<Omit<Image, "snapshot">> {
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
      sizeBytes: layers.reduce((sum, layer) => sum + layer.sizeBytes, 0),
    };
  }

  async list(): Promise<string[]> {
    return this.#parts.index.names();
  }

  async create(config: ImageConfig, layers: readonly StoredLayer[]): Promise<Image> {
    // Each blob of the image is used now, so that no collection under way takes it; see Collection.
    for (const { digest } of layers) await this.#need(digest);
    const { content } = this.#parts;
    const configBlob = await content.put(Buffer.from(JSON.stringify(config)));
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
    const { digest } = await content.put(Buffer.from(JSON.stringify(manifest)));
    await content.sync();
    const image = await this.get(digest);
    if (!image) throw malformed(digest, "it is gone");
    return image;
  }

  async tag(reference: string, manifest: Digest, { keep = false, pulled }: TagOptions = {}): Promise<void> {
    const image = await this.get(manifest);
    if (!image) {
      throw new SlipwayError("image-missing", `There is no image ${manifest}.`, {
        params: { digest: manifest },
      });
    }
    for (const { digest } of image.layers) await this.#need(digest);
    const { full } = parseReference(reference);
    const descriptor = {
      mediaType: image.manifest.mediaType ?? MEDIA_TYPE_MANIFEST,
      digest: manifest,
      size: await this.#need(manifest),
      annotations: { ...(keep && KEPT), ...(pulled && pulledAnnotations(pulled)) },
    };
    await this.#parts.content.sync();
    await this.#parts.index.set(full, descriptor);
  }

  pulled(reference: string): PulledFrom | null {
    return pulledFrom(this.#parts.index.get(parseReference(reference).full));
  }

  isPrivate(reference: string): boolean {
    const { full, digest } = parseReference(reference);
    const named = this.#parts.index.get(full);
    if (named) return pulledFrom(named)?.private ?? false;
    return [...this.#parts.index.entries().values()].some(
      (descriptor) => descriptor.digest === digest && pulledFrom(descriptor)?.private,
    );
  }

  async unpack(layers: readonly StoredLayer[]): Promise<void> {
    try {
      await this.#unpacker.unpack(layers);
    } catch (error) {
      throw asImageError(error);
    }
  }

  async untag(reference: string): Promise<boolean> {
    return await this.#parts.index.remove(parseReference(reference).full);
  }

  lease(scope: LeaseScope = "used"): Lease {
    const { leases, content, snapshotter } = this.#parts;
    const touch = (name: string) => {
      snapshotter.touch(name);
      content.touch(name as Digest);
    };
    return leases.open(scope, touch, () => this.#collecting.workEnded());
  }

  offer(cache: EvictableCache): void {
    this.#collecting.offer(cache);
  }

  async collect(): Promise<Collected> {
    return await this.#collecting.collect();
  }

  async checkRoom(): Promise<void> {
    await this.#collecting.checkRoom();
  }

  async readFile(image: Image, layer: number, file: string, limitBytes: number): Promise<Uint8Array> {
    const chain = chainOf(image)[layer];
    if (chain === undefined) throw noLayer(layer);
    return await this.#holding([image], async () =>
      readLayerFile(await this.#parts.snapshotter.layers(chain), file, limitBytes),
    );
  }

  async #holding<Result>(images: readonly Image[], work: () => Promise<Result>): Promise<Result> {
    const lease = this.lease("held");
    for (const { digest } of images) lease.hold(digest);
    try {
      return await work();
    } finally {
      lease.release();
    }
  }

  /** Size of a blob that must be there. */
  async #need(digest: Digest): Promise<number> {
    const size = await this.#parts.content.size(digest);
    if (size !== null) return size;
    throw new SlipwayError("store-corrupt", `The blob ${digest} is missing.`, { params: { digest } });
  }

  async #read<Schema extends z.ZodType>(
    digest: Digest,
    schema: Schema,
    what: string,
  ): Promise<z.infer<Schema>> {
    const bytes = await this.#parts.content.bytes(digest, MAX_JSON_BYTES);
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
