import type { Digest } from "@slipway/protocol";
import type { ImageConfig, ImageManifest } from "../oci/image-spec.ts";
import type { ImageView } from "./image-view.ts";
import type { PulledFrom } from "./index-file.ts";

/**
 * Images of this worker: an OCI image layout on disk (image-layout.md of the OCI image spec) and the snapshots that
 * its layers are unpacked to. Every image that `resolve` or `get` returns is unpacked and ready to be used.
 */
export interface ImageStore {
  /** The image that a familiar or full reference names (`node`, `docker.io/library/node:latest`), or null. */
  resolve(reference: string): Promise<Image | null>;
  /** The image with this manifest digest, or null. */
  get(manifest: Digest): Promise<Image | null>;
  /** Reference names, normalised as Docker does. */
  list(): Promise<string[]>;
  /** Writes config and manifest of an image whose layer blobs are in the content store. */
  create(config: ImageConfig, layers: readonly StoredLayer[]): Promise<Image>;
  /** Points a reference at an image; an older meaning of the reference is replaced atomically. */
  tag(reference: string, manifest: Digest, options?: TagOptions): Promise<void>;
  /** What a pull noted about a name, or null for one that no pull gave. */
  pulled(reference: string): PulledFrom | null;
  /**
   * True when the image that a name or a digest means was had with a login: for anybody else it is there only after a pull
   * in their own name, which moves no layers again.
   */
  isPrivate(reference: string): boolean;
  /**
   * Unpacks layers, the lowest first, for an image that is being put together; what is unpacked stays for `create` and
   * `get`. Rejects with `image-invalid` and `image-too-large` where a layer is not what its image says of it.
   */
  unpack(layers: readonly StoredLayer[]): Promise<void>;
  /** Takes a name away; the image itself goes with a later collection. False when there is no such name. */
  untag(reference: string): Promise<boolean>;
  /** A new lease; see LeaseScope. */
  lease(scope?: LeaseScope): Lease;
  /** Tells the store of results that it may give up for room, such as a build cache. */
  offer(cache: EvictableCache): void;
  /**
   * Removes what nothing reaches, and brings the store below its size limit: unnamed images, then evictable results, then
   * images that can be had again and builds of playgrounds, those used longest ago first. Nothing goes that a lease holds.
   * Rejects with `store-full` when what is in use takes more than the limit. The first call starts collecting for good:
   * from then on each end of a lease leads to another one. So it comes when all caches were offered and all sessions of
   * an earlier process hold their images again.
   */
  collect(): Promise<Collected>;
  /** Rejects with `store-full` when nothing more should be put into the store. For the start of builds and pulls. */
  checkRoom(): Promise<void>;
  /** What is in the layers of images. */
  readonly view: ImageView;
  /**
   * A regular file as it is with all layers up to `layer` (0 is the lowest) on top of each other. Rejects with
   * `file-missing` (also for what is no regular file) and `file-too-large`.
   */
  readFile(image: Image, layer: number, path: string, limitBytes: number): Promise<Uint8Array>;
}

export interface TagOptions {
  /** What a pull knows of the name. */
  readonly pulled?: PulledFrom;
  /** Keeps the image from being collected for as long as it has the name: for what can't be pulled or made again. */
  readonly keep?: boolean;
}

/**
 * What a lease holds beside what is named to it. `used`: all that anybody adds or looks up while it is open; for work that
 * puts an image together, opened before the first look and released when the result has its name. `held`: nothing; for
 * what lives long, such as a session, which names its image to the lease first and gets it then.
 */
export type LeaseScope = "used" | "held";

export interface EntryPage {
  /** "" starts at the beginning. */
  readonly after: string;
  readonly limit: number;
}

/** Keeps blobs and snapshots from being collected while something uses them. It is gone with the worker process. */
export interface Lease {
  /** Holds a manifest with all that it needs, a single blob, or a committed snapshot with its parents. */
  hold(digestOrSnapshot: string): void;
  /** Lets go of everything. Idempotent. */
  release(): void;
}

/** Results that can be made again: the steps of builds. */
export interface EvictableCache {
  /** Every result, with what it keeps alive. */
  entries(): AsyncIterable<EvictableEntry>;
  /** Forgets one. */
  evict(key: string): Promise<void>;
}

export interface EvictableEntry {
  readonly key: string;
  readonly snapshot: string | null;
  readonly blob: Digest | null;
  /** Milliseconds since the epoch. */
  readonly lastUsedMs: number;
}

export interface Collected {
  readonly images: number;
  readonly blobs: number;
  readonly snapshots: number;
  readonly freedBytes: number;
  /** What blobs and snapshots take on the disk now. */
  readonly usedBytes: number;
}

export interface StoredLayer {
  /** Digest of the blob; layers made here are uncompressed, so it is the diffID too. */
  readonly digest: Digest;
  readonly diffId: Digest;
  readonly sizeBytes: number;
  readonly mediaType: string;
}

export interface Image {
  readonly digest: Digest;
  readonly manifest: ImageManifest;
  /** Digest of the config: Docker's image id. */
  readonly imageId: Digest;
  readonly config: ImageConfig;
  readonly layers: readonly StoredLayer[];
  /** Name of the committed snapshot that holds all layers: the chainID of the last layer; null for `scratch`. */
  readonly snapshot: string | null;
  /** Sum of the unpacked layers, bytes. */
  readonly sizeBytes: number;
}
