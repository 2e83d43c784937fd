import type { Digest } from "@slipway/protocol";
import type { ImageConfig, ImageManifest } from "../oci/image-spec.ts";

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
  tag(reference: string, manifest: Digest): Promise<void>;
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
