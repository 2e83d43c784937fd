import type { Digest, FileChanges } from "@slipway/protocol";

/*
 * Layers: the tar form of what one step changed (layer.md of the OCI image spec), and its two translations.
 *
 *   diff    an overlayfs upper directory → tar, whiteouts as `.wh.<name>` files
 *   apply   tar → a directory tree, whiteouts carried out as deletions
 *
 * A tar is hostile: every path of it is resolved inside the root by the kernel (openat2 RESOLVE_IN_ROOT), device
 * nodes are refused, and entries and bytes are bounded.
 */

/** Prefix of a whiteout: the entry `.wh.x` says that the layer removes `x`. */
export const WHITEOUT_PREFIX = ".wh.";
/** Says that the layer removes all that lower layers have in this directory. */
export const OPAQUE_WHITEOUT = ".wh..wh..opq";

export interface LayerLimits {
  /** Sum of the files' sizes. */
  readonly maxBytes: number;
  readonly maxEntries: number;
}

/** What one layer may hold. */
export const LAYER_LIMITS: LayerLimits = { maxBytes: 32 * 1024 ** 3, maxEntries: 2_000_000 };

/** A layer that a diff made. */
export interface DiffedLayer {
  /** diffID, and digest of the blob: layers made here are not compressed. */
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** Sum of the sizes of files that were added or replaced. */
  readonly bytesAdded: number;
  readonly files: FileChanges;
}
