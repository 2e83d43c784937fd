import {
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  openSync,
  readlinkSync,
  type Stats,
} from "node:fs";
import { lstat, opendir } from "node:fs/promises";
import { Readable } from "node:stream";
import { openInRoot } from "@slipway/native";
import { bytesOf, nameOf, procPath } from "../../layer/name-bytes.ts";
import { encodeTarHeader, TAR_END, type TarHeader, tarPadding } from "../../layer/tar-encoder.ts";
import type { DownloadLimits } from "./container-files.ts";
import { downloadTooLarge } from "./size-errors.ts";

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** No pipe is waited for, and no link followed. */
const FILE = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
/** Nothing leads out of the directory, and nothing through a link. */
const STRICT = { escape: "refuse", symlinks: "refuse" } as const;

interface Found {
  /** Below the directory; "" for itself. */
  readonly path: string;
  readonly facts: Stats;
  readonly linkTarget: string;
}

/**
 * A directory of a container as a tar, while its processes go on: links as links, owners as the container sees them; sockets and
 * devices are left out. What there is is counted first, so that too much is refused before a byte is sent. A file that
 * shrinks meanwhile breaks the stream off. `place` may be closed after the call.
 */
export async function packTree(
  place: number,
  name: string,
  firstHostId: number,
  limits: DownloadLimits,
): Promise<Readable> {
  const root = openSync(`/proc/self/fd/${place}`, DIRECTORY & ~constants.O_NOFOLLOW);
  try {
    const found = await walk(root, limits);
    return Readable.from(pack(root, found, name, firstHostId), { objectMode: false });
  } catch (error) {
    closeSync(root);
    throw error;
  }
}

async function walk(root: number, limits: DownloadLimits): Promise<Found[]> {
  const found: Found[] = [{ path: "", facts: fstatSync(root), linkTarget: "" }];
  let bytes = 0;
  for (const { path, facts } of found) {
    if (!facts.isDirectory()) continue;
    const directory = openEntry(root, path, DIRECTORY);
    if (directory === null) continue;
    try {
      const options = { encoding: "buffer" as BufferEncoding };
      for await (const entry of await opendir(`/proc/self/fd/${directory}`, options)) {
        const own = nameOf(entry.name as unknown as Buffer);
        const child = await lookAt(directory, own, path === "" ? own : `${path}/${own}`);
        if (child === null) continue;
        found.push(child);
        bytes += child.facts.isFile() ? child.facts.size : 0;
        if (bytes > limits.maxBytes || found.length > limits.maxEntries) throw downloadTooLarge(limits);
      }
    } finally {
      closeSync(directory);
    }
  }
  return found;
}

async function lookAt(directory: number, name: string, path: string): Promise<Found | null> {
  const file = procPath(directory, name);
  const facts = await lstat(file).catch(() => null);
  if (facts === null || facts.isSocket() || facts.isBlockDevice() || facts.isCharacterDevice()) return null;
  if (!facts.isSymbolicLink()) return { path, facts, linkTarget: "" };
  try {
    return { path, facts, linkTarget: nameOf(readlinkSync(file, { encoding: "buffer" })) };
  } catch {
    return null;
  }
}

async function* pack(root: number, found: readonly Found[], name: string, firstHostId: number) {
  try {
    for (const { path, facts, linkTarget } of found) {
      const shown = path === "" ? name : `${name}/${path}`;
      const base = {
        mode: facts.mode & 0o7777,
        uid: Math.max(0, facts.uid - firstHostId),
        gid: Math.max(0, facts.gid - firstHostId),
        sizeBytes: 0,
        mtimeSeconds: Math.floor(facts.mtimeMs / 1000),
      };
      if (facts.isDirectory()) yield header({ ...base, path: `${shown}/`, type: "directory" });
      else if (facts.isSymbolicLink()) yield header({ ...base, path: shown, type: "symlink", linkTarget });
      else if (facts.isFIFO()) yield header({ ...base, path: shown, type: "fifo" });
      else yield* packFile(root, path, { ...base, path: shown, type: "file" });
    }
    yield TAR_END;
  } finally {
    closeSync(root);
  }
}

async function* packFile(root: number, path: string, entry: TarHeader) {
  const fd = openEntry(root, path, FILE);
  if (fd === null) return;
  const facts = fstatSync(fd);
  if (!facts.isFile()) {
    closeSync(fd);
    return;
  }
  const sizeBytes = facts.size;
  yield header({ ...entry, sizeBytes });
  let sent = 0;
  const content = createReadStream("", { fd, start: 0, end: Math.max(0, sizeBytes - 1) });
  for await (const chunk of content) {
    // An empty file has no first byte to end before.
    const bytes = (chunk as Buffer).subarray(0, sizeBytes - sent);
    sent += bytes.byteLength;
    yield bytes;
  }
  if (sent < sizeBytes) throw new Error("A file became shorter while it was read.");
  yield tarPadding(sizeBytes);
}

/** Names of bytes that are no UTF-8 go as they are shown: the encoder knows text only. */
const header = (entry: TarHeader): Uint8Array =>
  encodeTarHeader({
    ...entry,
    path: wellFormed(entry.path),
    ...(entry.linkTarget === undefined ? {} : { linkTarget: wellFormed(entry.linkTarget) }),
  });

const wellFormed = (text: string): string => Buffer.from(text).toString();

/** Null for what has gone, or has become something else. */
function openEntry(root: number, path: string, flags: number): number | null {
  try {
    return openInRoot(root, bytesOf(path === "" ? "." : path), flags, 0, STRICT);
  } catch {
    return null;
  }
}
