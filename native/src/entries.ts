import { closeSync, constants, openSync } from "node:fs";
import { addon } from "./addon.ts";

// openat2(2), <linux/openat2.h>
const RESOLVE_NO_MAGICLINKS = 0x02;
const RESOLVE_NO_SYMLINKS = 0x04;
const RESOLVE_BENEATH = 0x08;
const RESOLVE_IN_ROOT = 0x10;

/** Of <fcntl.h>, which Node doesn't name: opens something for a look and nothing else, without any effect on it (open(2)). */
export const O_PATH = 0o10000000;

/** A name or path: text, or the bytes of one that is no UTF-8. */
export type Name = string | Uint8Array;

export interface Resolution {
  /** A path that leads out of the root: "clamp" resolves it as chroot(2) would, "refuse" fails with EXDEV. */
  readonly escape?: "clamp" | "refuse";
  /** A symbolic link anywhere in the path: "follow" inside the root, "refuse" fails with ELOOP. */
  readonly symlinks?: "follow" | "refuse";
  /** The id of user and group that makes what O_CREAT makes; see mkdirAt. */
  readonly owner?: number;
}

/**
 * Opens `path` inside `root` (a descriptor or the path of a directory) and returns a descriptor that the caller closes.
 * Whatever links the tree holds and whoever renames meanwhile, nothing outside the root is reached (openat2(2)).
 * `flags` are those of `fs.constants`; close-on-exec is always set. `mode` is for O_CREAT only.
 */
export function openInRoot(
  root: number | string,
  path: Name,
  flags: number,
  mode = 0,
  resolution: Resolution = {},
): number {
  const resolve =
    RESOLVE_NO_MAGICLINKS |
    (resolution.escape === "refuse" ? RESOLVE_BENEATH : RESOLVE_IN_ROOT) |
    (resolution.symlinks === "refuse" ? RESOLVE_NO_SYMLINKS : 0);
  const owner = resolution.owner ?? -1;
  if (typeof root === "number") return addon.openInRoot(root, path, flags, mode, resolve, owner);
  const directory = openSync(root, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return addon.openInRoot(directory, path, flags, mode, resolve, owner);
  } finally {
    closeSync(directory);
  }
}

/**
 * pipe2(2), both ends close-on-exec and blocking; the caller closes them. For output of children: what Node calls a
 * pipe is a socket, which a child can't open by the name /dev/stdout.
 */
export function openPipe(): { readonly readEnd: number; readonly writeEnd: number } {
  const [readEnd, writeEnd] = addon.openPipe();
  return { readEnd, writeEnd };
}

/*
 * One entry of an open directory. `name` holds no slash and is neither "." nor ".."; symbolic links are never
 * followed. All are synchronous and throw NativeError.
 */

/**
 * mkdirat(2); the umask applies. `owner`: the id of user and group that makes it, for file systems that know nobody else, such
 * as the root file system of a container.
 */
export function mkdirAt(directory: number, name: Name, mode: number, owner?: number): void {
  addon.mkdirAt(directory, name, mode, owner ?? -1);
}

/** mknodat(2): `mode` with the type (S_IFCHR, S_IFBLK, S_IFIFO of fs.constants); the umask applies. */
export function mknodAt(directory: number, name: Name, mode: number, device = { major: 0, minor: 0 }): void {
  addon.mknodAt(directory, name, mode, device.major, device.minor);
}

/** symlinkat(2) */
export function symlinkAt(target: Name, directory: number, name: Name): void {
  addon.symlinkAt(target, directory, name);
}

/** linkat(2); a symbolic link itself gets the second name. */
export function linkAt(fromDirectory: number, fromName: Name, toDirectory: number, toName: Name): void {
  addon.linkAt(fromDirectory, fromName, toDirectory, toName);
}

/** unlinkat(2); `isDirectory` removes an empty directory. */
export function unlinkAt(directory: number, name: Name, options: { isDirectory?: boolean } = {}): void {
  addon.unlinkAt(directory, name, options.isDirectory ?? false);
}

/** renameat(2) */
export function renameAt(fromDirectory: number, fromName: Name, toDirectory: number, toName: Name): void {
  addon.renameAt(fromDirectory, fromName, toDirectory, toName);
}

/** fchownat(2); clears set-id bits and file capabilities, so it comes before chmodAt and setxattrAt. */
export function lchownAt(directory: number, name: Name, uid: number, gid: number): void {
  addon.lchownAt(directory, name, uid, gid);
}

/** fchmodat(2); EOPNOTSUPP for a symbolic link, which has no mode. */
export function chmodAt(directory: number, name: Name, mode: number): void {
  addon.chmodAt(directory, name, mode);
}

/** utimensat(2): access and modification time, whole seconds since 1970 (may be negative) and 0 … 999,999,999. */
export function utimensAt(directory: number, name: Name, seconds: number, nanoseconds = 0): void {
  addon.utimensAt(directory, name, seconds, nanoseconds);
}

/** lsetxattr(2) */
export function setxattrAt(directory: number, name: Name, key: string, value: Uint8Array): void {
  addon.setxattrAt(directory, name, key, value);
}

/** lgetxattr(2); null when there is none of this name. */
export function getxattrAt(directory: number, name: Name, key: string): Buffer | null {
  return addon.getxattrAt(directory, name, key);
}

/** llistxattr(2) */
export function listxattrAt(directory: number, name: Name): string[] {
  return addon.listxattrAt(directory, name);
}
