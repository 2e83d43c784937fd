import { closeSync, constants, openSync } from "node:fs";
import { addon } from "./addon.ts";

/** Bytes of one journey to another thread: it is kept for some 10 ms, and a cancelled copy ends after it. */
const PIECE_BYTES = 16 * 1024 * 1024;

/**
 * Copies an overlayfs upper directory that nobody writes to any more into an empty directory, also of another file system,
 * on threads of libuv's pool: kinds, owners, modes, times, hard links, holes, extended attributes, whiteouts. Devices are
 * left out. Rejects with NativeError, "copy" and ELOOP for more than 1024 directories in each other, or with the signal's
 * reason; what was written until then stays.
 */
export async function copyTree(from: string, to: string, signal?: AbortSignal): Promise<void> {
  const copier = openCopier(from, to);
  try {
    while (await copier.next(PIECE_BYTES)) signal?.throwIfAborted();
  } finally {
    copier.close();
  }
}

function openCopier(from: string, to: string) {
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
  const opened: number[] = [];
  try {
    for (const directory of [from, to]) opened.push(openSync(directory, flags));
    const [source = -1, target = -1] = opened;
    return new addon.TreeCopier(source, target);
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}

/**
 * Takes room for the first `bytes` bytes of a file, which is made where it is missing, without writing them (fallocate(2)).
 * NativeError ENOSPC where there is none; what was taken before stays.
 */
export async function allocateFile(file: string, bytes: number): Promise<void> {
  await addon.allocateFile(file, bytes);
}
