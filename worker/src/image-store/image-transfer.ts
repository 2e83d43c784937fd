import type { Digest, PulledLayer, RegistryCredential } from "@slipway/protocol";
import type { Image } from "./image-store.ts";

/** Images between this worker and registries, by the OCI distribution protocol (spec 1.1). */
export interface ImageTransfer {
  /**
   * Brings an image into the store and tags it, from a mirror or the registry that its reference names. Layers that are
   * here are not fetched again, and each blob is verified on the way in. Rejects with `base-image-missing` where the
   * registry does not have it, and with `registry-*`, `platform-missing`, `image-invalid`, `image-too-large`; the name then
   * means what it meant before. Two pulls of one reference in one name share one run. An image that was had with a login is
   * private (ImageStore.isPrivate); a pull of it in another name asks the registry whether that may have it, and no more.
   */
  pull(reference: string, options: PullOptions): Promise<Image>;
  /**
   * Sends an image of the store to the registry that the reference names; what the registry has is not sent. Layers go
   * compressed, so the manifest there may be another one; the image id is the same. Rejects with `image-missing` where the
   * store has no such image, and with `registry-*`.
   */
  push(reference: string, options: PushOptions): Promise<PushedImage>;
  /** What a registry has under a reference, without fetching it. Rejects as `pull` does. */
  describe(reference: string, options: Omit<TransferOptions, "onProgress">): Promise<DescribedImage>;
  /** Resolves when the registry takes the login, and rejects with `registry-*` otherwise. */
  login(credential: RegistryCredential, signal: AbortSignal): Promise<void>;
}

export interface TransferOptions {
  /** Those of the person in whose name this happens. */
  readonly credentials: readonly RegistryCredential[];
  /** Layers whose state has changed since the last call. In a push, `downloading` is being sent, and `present` was there. */
  readonly onProgress: (layers: readonly PulledLayer[]) => void;
  readonly signal: AbortSignal;
}

export type PullOptions = TransferOptions;
export interface PushOptions extends TransferOptions {
  /** Manifest of the image, where it is somebody's own and the store doesn't know it by the reference. */
  readonly image?: Digest;
}

export interface PushedImage {
  /** Digest of the manifest in the registry. */
  readonly digest: Digest;
  /** Sum of config and layers as they went over the wire, bytes. */
  readonly sizeBytes: number;
  readonly manifestBytes: number;
}

/** A manifest or an index in a registry. */
export interface DescribedImage {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly platforms: readonly {
    readonly os: string;
    readonly architecture: string;
    readonly variant?: string;
  }[];
}
