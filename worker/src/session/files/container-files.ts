import type { Readable } from "node:stream";
import type { ContainerListing } from "@slipway/protocol";

/**
 * The files of a running container, read and written from outside while its processes go on. Every path is resolved by the
 * kernel inside the container's root (openat2, RESOLVE_IN_ROOT), component by component, so that no link and no rename leads out of
 * it. What is mounted inside the container (/proc, /dev, volumes) is not part of it.
 *
 * Paths are absolute; bytes that are no UTF-8 are lone surrogates (layer/name-bytes). All reject with `container-path-missing` or
 * `container-path-invalid` for paths, and with `session-disk-full` where there is no room.
 */
export interface ContainerFiles {
  /** The names in a directory, in no order: MAX_LISTED_ENTRIES at most. */
  list(path: string): Promise<ContainerListing>;
  /**
   * A regular file as it is, or a directory as a tar with owners as the container sees them. Whoever gets the stream reads it to its
   * end or destroys it. Rejects with `download-too-large`.
   */
  read(path: string): Promise<ContainerDownload>;
  /**
   * Writes a file as a whole or not at all: the old one stays until all of `content` has come. A new file belongs to the owner of
   * its directory, one that is replaced keeps owner and mode. Directories that are missing are made. Rejects with
   * `upload-too-large`.
   */
  write(path: string, content: Readable, size: UploadSize): Promise<void>;
  /** Makes a directory, and those above it that are missing. Idempotent. */
  makeDirectory(path: string): Promise<void>;
}

export interface ContainerDownload {
  readonly kind: "file" | "tar";
  /** Last part of the path. */
  readonly name: string;
  /** Known for a file only. */
  readonly sizeBytes: number | null;
  readonly content: Readable;
}

export interface UploadSize {
  /** What has to come, to the byte. */
  readonly sizeBytes: number;
  readonly maxBytes: number;
}

/** What a directory may hold that is packed. */
export interface DownloadLimits {
  readonly maxBytes: number;
  readonly maxEntries: number;
}
