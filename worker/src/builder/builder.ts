import type { Readable } from "node:stream";
import type { BuildEvent, BuildRequest } from "@slipway/protocol";
import type { Cgroups } from "../cgroup/cgroup.ts";
import type { ContentStore } from "../content/content-store.ts";
import type { Disks } from "../disk/disk.ts";
import type { Image, ImageStore } from "../image-store/image-store.ts";
import type { ImageTransfer } from "../image-store/image-transfer.ts";
import type { Outbound } from "../outbound/outbound.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { IdRange, Snapshotter } from "../snapshot/snapshotter.ts";

/**
 * Builds images from Dockerfiles. One build goes: context tar → source tree → plan → for each stage and step: cache key
 * → cached, or run on an active snapshot → layer → image.
 */
export interface Builder {
  /**
   * Carries out one build and tells all of it through `emit`: `plan` first, one of `image` and `failed` last. Never
   * rejects. When it resolves, nothing of the build is left but the image and what is cached of its steps. On success
   * the image is tagged `slipway/<playground id>:latest`.
   */
  build(
    request: BuildRequest,
    context: Readable,
    emit: (event: BuildEvent) => void,
    signal: AbortSignal,
  ): Promise<void>;
}

/** What a RUN sees of the network. */
export interface AcquiredNetwork {
  /** Null for one of its own with loopback only. */
  readonly namespacePath: string | null;
  /** Content for /etc/resolv.conf. */
  readonly resolvConf: string;
}

/** Network access of `RUN`. */
export interface BuildNetwork {
  /** `name`: at most 32 of a-z, 0-9. */
  acquire(name: string): Promise<AcquiredNetwork>;
  /** A missing one is no error. */
  release(name: string): Promise<void>;
}

/** Images that can be made on this machine when nobody has them. See infra/images/. */
export interface BaseImages {
  /**
   * The image that a reference names, made now where it can be made here; null when it can't. `onProgress` is told
   * what is going on, in lines without newline.
   */
  ensure(reference: string, onProgress: (line: string) => void, signal?: AbortSignal): Promise<Image | null>;
  /**
   * The name that the operator's map has for this one, which may have to be pulled, or null. `ensure` follows the map by
   * itself, as far as that leads to images that are here or can be made here. `onProgress` is told of it.
   */
  mapped(reference: string, onProgress: (line: string) => void): Promise<string | null>;
  /** Names that `ensure` knows, familiar form. */
  readonly names: readonly string[];
  /** Names to be made at start, so that the first builds don't wait. */
  readonly starters: readonly string[];
}

/** Unique uid ranges, such as runtime/id-ranges.ts. */
export interface IdSlots {
  take(): number;
  release(slot: number): void;
  range(slot: number): IdRange;
}

export interface BuilderOptions {
  /** Owned by the builder: cache, records and the files of running builds. */
  readonly directory: string;
  readonly imageStore: ImageStore;
  readonly snapshotter: Snapshotter;
  readonly content: ContentStore;
  /** Of the builder alone: one for each build whose programs write, and those of cache mounts. */
  readonly disks: Disks;
  readonly runtime: Runtime;
  readonly cgroups: Pick<Cgroups, "counters" | "create" | "path" | "remove">;
  readonly ids: IdSlots;
  readonly network: BuildNetwork;
  readonly baseImages: BaseImages;
  /** Null where registries are never asked. */
  readonly transfer: ImageTransfer | null;
  /** For ADD of URLs; null where builds fetch nothing. */
  readonly outbound: Outbound | null;
  readonly contextLimits: ContextLimits;
  /** Steps of all builds that are carried out at the same time; DEFAULT_MAX_RUNS unless given. */
  readonly maxRuns?: number;
  /** What stays free of the file system of `directory`; RESERVED_BYTES of disk/free-space.ts unless given. */
  readonly reservedBytes?: number;
}

export const DEFAULT_MAX_RUNS = 4;

export interface ContextLimits {
  /** Sum of the files' sizes. */
  readonly maxBytes: number;
  readonly maxEntries: number;
}

export const DEFAULT_CONTEXT_LIMITS: ContextLimits = { maxBytes: 1024 ** 3, maxEntries: 100_000 };

/** Log text of one build, UTF-8 bytes; what comes later is left out, with one line that says so. */
export const BUILD_LOG_BYTES = 12 * 1024 * 1024;
