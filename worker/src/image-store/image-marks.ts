import { mkdir, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Digest } from "@slipway/protocol";
import { errnoOf } from "../content/atomic-file.ts";
import { hexOf } from "../content/digest.ts";

/** Uses within so much time are written down once. */
const MARK_INTERVAL_MS = 60_000;
const HEX = /^[0-9a-f]{64}$/;

/**
 * An empty file for each image, named or not, whose time says when the image was used last. Losing one loses little: an
 * image with a name counts as unused for long, one without is collected.
 */
export class ImageMarks {
  readonly #directory: string;
  /** Uses in this process, of performance.now(). */
  readonly #used = new Map<Digest, number>();
  /** When the file's time was set last, of performance.now(). */
  readonly #marked = new Map<Digest, number>();

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async open(directory: string): Promise<ImageMarks> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return new ImageMarks(directory);
  }

  /** The image is used now. */
  async use(manifest: Digest): Promise<void> {
    const now = performance.now();
    this.#used.set(manifest, now);
    const marked = this.#marked.get(manifest);
    if (marked !== undefined && now - marked < MARK_INTERVAL_MS) return;
    this.#marked.set(manifest, now);
    const file = this.#file(manifest);
    try {
      await utimes(file, new Date(), new Date());
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw error;
      await writeFile(file, "", { mode: 0o600 });
    }
  }

  /** True if the image was used at or after `sinceMs` of performance.now(), in this process. */
  wasUsed(manifest: Digest, sinceMs: number): boolean {
    return (this.#used.get(manifest) ?? Number.NEGATIVE_INFINITY) >= sinceMs;
  }

  /** Last use of each image, milliseconds since the epoch. */
  async list(): Promise<Map<Digest, number>> {
    const marks = new Map<Digest, number>();
    for (const name of await readdir(this.#directory)) {
      if (!HEX.test(name)) continue;
      const { mtimeMs } = await stat(path.join(this.#directory, name));
      marks.set(`sha256:${name}` as Digest, mtimeMs);
    }
    return marks;
  }

  async remove(manifest: Digest): Promise<void> {
    this.#marked.delete(manifest);
    this.#used.delete(manifest);
    await rm(this.#file(manifest), { force: true });
  }

  #file(manifest: Digest): string {
    return path.join(this.#directory, hexOf(manifest));
  }
}
