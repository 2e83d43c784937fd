import { createHash } from "node:crypto";
import { mkdir, readdir, rm, stat, utimes } from "node:fs/promises";
import path from "node:path";
import { errnoOf } from "../content/atomic-file.ts";
import { hexOf } from "../content/digest.ts";
import type { AnnouncedBlob } from "./registry.ts";

/** What is kept of downloads that nobody went on with, bytes. */
const MOST_BYTES = 8 * 1024 ** 3;
const MOST_AGE_MS = 24 * 60 * 60_000;

/**
 * Bytes of blobs that have arrived so far, one file each. They are kept when a download breaks or the worker dies, and the
 * next one goes on where they end. Files of different hosts lie apart, so that nobody goes on with what another made up.
 */
export class PartialFiles {
  readonly #directory: string;
  readonly #open = new Set<string>();

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async open(directory: string): Promise<PartialFiles> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const files = new PartialFiles(directory);
    await files.clean();
    return files;
  }

  /** The file of a blob from this host; `close` when nobody writes to it any more. */
  take(host: string, blob: AnnouncedBlob): string {
    const name = `${hexOf(blob.digest)}-${createHash("sha256").update(host).digest("hex").slice(0, 16)}`;
    this.#open.add(name);
    return path.join(this.#directory, name);
  }

  close(file: string): void {
    this.#open.delete(path.basename(file));
  }

  /** Removes what is too old, and the oldest of what is too much. */
  async clean(mostBytes = MOST_BYTES, mostAgeMs = MOST_AGE_MS): Promise<void> {
    const found: { file: string; bytes: number; atMs: number }[] = [];
    for (const name of await readdir(this.#directory)) {
      if (this.#open.has(name)) continue;
      const file = path.join(this.#directory, name);
      const about = await stat(file).catch((error: unknown) => {
        if (errnoOf(error) === "ENOENT") return null;
        throw error;
      });
      if (about) found.push({ file, bytes: about.size, atMs: about.mtimeMs });
    }
    found.sort((a, b) => b.atMs - a.atMs);
    let bytes = 0;
    for (const { file, atMs, bytes: size } of found) {
      bytes += size;
      if (bytes > mostBytes || Date.now() - atMs > mostAgeMs) await rm(file, { force: true });
    }
  }
}

/** Bytes that are there; 0 for none. */
export async function sizeOf(file: string): Promise<number> {
  try {
    const { size } = await stat(file);
    const now = new Date();
    await utimes(file, now, now);
    return size;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return 0;
    throw error;
  }
}
