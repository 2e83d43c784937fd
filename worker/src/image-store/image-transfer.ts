import type { Digest, PulledLayer, RegistryCredential } from "@slipway/protocol";
import type { Image } from "./image-store.ts";

/** Images between this worker and registries, by the OCI distribution protocol (spec 1.1). */
export interface ImageTransfer {
  /**
   * Brings an image into the store and tags it, from a mirror or the registry that its reference names. Layers that are
   * here are not fetched again, and each blob is verified on the way in. Rejects with `base-image-missing` where the
   * registry does not have it, and with `registry-*`, `platform-missing`, `image-invalid`, `image-too-large`. Two pulls
   * of one reference share one run.
   */
  pull(reference: string, options: PullOptions): Promise<Image>;
  /** Sends an image of the store to the registry that the reference names; what the registry has is not sent. */
  push(reference: string, options: PushOptions): Promise<PushedImage>;
}

export interface TransferOptions {
  readonly credentials: readonly RegistryCredential[];
  /** Layers whose state has changed since the last call. */
  readonly onProgress: (layers: readonly PulledLayer[]) => void;
  readonly signal: AbortSignal;
}

export type PullOptions = TransferOptions;
export type PushOptions = TransferOptions;

export interface PushedImage {
  /** Digest of the manifest in the registry. */
  readonly digest: Digest;
  readonly sizeBytes: number;
}
