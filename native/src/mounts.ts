import { constants, openSync } from "node:fs";
import { addon } from "./addon.ts";

/** Host ids firstHostId … firstHostId + size - 1 are ids 0 … size - 1 of a container (user_namespaces(7)). */
export interface MappedRange {
  readonly firstHostId: number;
  readonly size: number;
}

export interface OverlayMount {
  /** The topmost first; at least one. */
  readonly lowers: readonly string[];
  readonly upper: { readonly directory: string; readonly work: string };
  readonly target: string;
  /** Shows files that belong to 0 … size - 1 on disk as the range's; null shows them as they are. */
  readonly idRange: MappedRange | null;
  /** Skips all syncs: for an upper that is thrown away when the machine crashes. */
  readonly volatile?: boolean;
  /** Takes the way of kernels before 6.13 also on newer ones; for tests. */
  readonly stageInNamespace?: boolean;
}

/**
 * Mounts overlayfs at `target`, nosuid and nodev. What is written through it is stored in the ids of the image (root
 * is 0) whatever the range is, so that an upper can become a layer as it is. `upper` and `work` are siblings.
 * When it rejects (NativeError), nothing is left mounted.
 */
export async function mountOverlay(mount: OverlayMount): Promise<void> {
  const layers = {
    lowers: mount.lowers,
    upper: mount.upper.directory,
    work: mount.upper.work,
    idRange: mount.idRange,
    volatile: mount.volatile ?? false,
    stageInNamespace: mount.stageInNamespace ?? false,
  };
  await addon.mountOverlay(layers, mount.target);
}

/**
 * Opens layers, the topmost first, as the one read-only tree that they are together, and returns a descriptor of its
 * root, for `openInRoot`. The tree is mounted nowhere and is gone when the caller closes the descriptor. At least one.
 */
export function openLayers(lowers: readonly string[], options: { stageInNamespace?: boolean } = {}): number {
  const [only, ...others] = lowers;
  // overlayfs wants two; one alone is its own tree.
  if (only !== undefined && others.length === 0)
    return openSync(only, constants.O_RDONLY | constants.O_DIRECTORY);
  const stageInNamespace = options.stageInNamespace ?? false;
  return addon.openOverlay({ lowers, upper: "", work: "", idRange: null, volatile: false, stageInNamespace });
}

export interface LoopMount {
  /** A regular file that holds a file system. */
  readonly image: string;
  readonly target: string;
  /** Such as "ext4". */
  readonly type: string;
  /** Options of the file system, as in mount(8)'s -o: "discard,errors=continue". */
  readonly options: string;
}

/** Mounts an image file, nosuid and nodev. The kernel frees the loop device when the mount is gone (loop(4)). */
export async function mountLoop(mount: LoopMount): Promise<void> {
  await addon.mountLoop({ image: mount.image, target: mount.target, type: mount.type, data: mount.options });
}

/** Mounts at `target`, read-only, the sysfs that belongs to a network namespace given by path. */
export async function mountSysfs(networkNamespace: string, target: string): Promise<void> {
  await addon.mountSysfs(networkNamespace, target);
}

export interface BindMount {
  /** A directory or a file. */
  readonly source: string;
  /** Of the same kind. */
  readonly target: string;
  /** Shows what belongs to 0 … size - 1 on disk as the range's, and stores it so; null shows it as it is. */
  readonly idRange: MappedRange | null;
  readonly readOnly: boolean;
}

/** Shows `source` at a second place, nosuid and nodev, without what is mounted below it. */
export async function mountBind(mount: BindMount): Promise<void> {
  const { source, target, idRange, readOnly } = mount;
  await addon.mountBind({ source, target, idRange, readOnly });
}

/** Mounts a file system in memory of at most `bytes` at `target`, nosuid, nodev and noexec. */
export async function mountTmpfs(target: string, bytes: number): Promise<void> {
  await addon.mountTmpfs(target, bytes);
}

/**
 * Unmounts the topmost mount at `target` (umount2(2)); NativeError EINVAL when there is none, EBUSY when it is in use.
 * `detach`: takes it out of sight at once, and the kernel ends it when nobody uses it any more.
 */
export async function unmount(target: string, options: { detach?: boolean } = {}): Promise<void> {
  await addon.unmount(target, options.detach ?? false);
}

/** Mounts stacked on one directory: one, or a few after kills; more is a defect. */
const MAX_STACKED_MOUNTS = 16;

/** Detaches whatever is mounted at `target`; a missing target is no error. ELOOP when there are more than 16. */
export async function unmountAll(target: string): Promise<void> {
  await addon.unmountAll(target, MAX_STACKED_MOUNTS);
}

/** Copies a file without its holes. `to` must not exist; it gets mode 0600. */
export async function copySparse(from: string, to: string): Promise<void> {
  await addon.copySparse(from, to);
}
