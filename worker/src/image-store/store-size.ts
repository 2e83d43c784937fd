import { execFile } from "node:child_process";
import { readFile, stat, statfs } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import type { Digest } from "@slipway/protocol";
import { z } from "zod";
import { errnoOf, writeFileAtomically } from "../content/atomic-file.ts";
import { hexOf } from "../content/digest.ts";
import type { CommittedSnapshot } from "../snapshot/snapshotter.ts";
import { parseJson } from "./index-file.ts";
import { blobItem, type Item, snapshotItem } from "./ownership.ts";

/** stat(2): st_blocks counts in these. */
const BLOCK_BYTES = 512;
/** Snapshots that one run of du(1) looks at. */
const SNAPSHOTS_PER_RUN = 100;
const RUN_TIMEOUT_MS = 10 * 60_000;

const sizesSchema = z.record(z.string(), z.number().int().nonnegative());
const run = promisify(execFile);

/**
 * What blobs and snapshots take on the disk: blocks, not lengths, and a file with several names once. A snapshot never
 * changes, so each is looked at once; its size is kept in a file, which is only made again when it is lost.
 */
export class StoreSize {
  readonly #blobs: string;
  readonly #file: string;
  readonly #temporary: string;
  #snapshots: Map<string, number>;

  private constructor(layout: string, file: string, snapshots: Map<string, number>) {
    this.#blobs = path.join(layout, "blobs", "sha256");
    this.#temporary = path.join(layout, "ingest");
    this.#file = file;
    this.#snapshots = snapshots;
  }

  /** Opens what is known of the store in an OCI image layout; temporary files are written to its directory `ingest`. */
  static async open(layout: string): Promise<StoreSize> {
    const file = path.join(layout, "snapshot-sizes.json");
    const text = await readFile(file, "utf8").catch(() => "{}");
    const known = sizesSchema.safeParse(parseJson(text)).data ?? {};
    return new StoreSize(layout, file, new Map(Object.entries(known)));
  }

  /** Bytes of each item; what is gone meanwhile has none. */
  async measure(
    blobs: readonly Digest[],
    snapshots: readonly CommittedSnapshot[],
  ): Promise<Map<Item, number>> {
    const sizes = new Map<Item, number>();
    for (const digest of blobs) sizes.set(blobItem(digest), await this.#blob(digest));
    await this.#look(snapshots);
    for (const { name } of snapshots) sizes.set(snapshotItem(name), this.#snapshots.get(name) ?? 0);
    return sizes;
  }

  /** Bytes that are free on the file system of the store. */
  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#blobs);
    return bavail * bsize;
  }

  async #blob(digest: Digest): Promise<number> {
    try {
      return (await stat(path.join(this.#blobs, hexOf(digest)))).blocks * BLOCK_BYTES;
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return 0;
      throw error;
    }
  }

  async #look(snapshots: readonly CommittedSnapshot[]): Promise<void> {
    const fresh = snapshots.filter(({ name }) => !this.#snapshots.has(name));
    const current = new Set(snapshots.map(({ name }) => name));
    const isStale = [...this.#snapshots.keys()].some((name) => !current.has(name));
    if (fresh.length === 0 && !isStale) return;
    const known = new Map([...this.#snapshots].filter(([name]) => current.has(name)));
    for (let start = 0; start < fresh.length; start += SNAPSHOTS_PER_RUN) {
      const some = fresh.slice(start, start + SNAPSHOTS_PER_RUN);
      const bytes = await diskUse(some.map(({ directory }) => directory));
      for (const { name, directory } of some) {
        const size = bytes.get(directory);
        if (size !== undefined) known.set(name, size);
      }
    }
    this.#snapshots = known;
    await writeFileAtomically(this.#file, JSON.stringify(Object.fromEntries(known)), this.#temporary);
  }
}

/** du(1): a file with several names counts once, also when they are in different directories. */
async function diskUse(directories: readonly string[]): Promise<Map<string, number>> {
  const args = ["--summarize", "--block-size=1", "--null", "--", ...directories];
  // Status 1 where a directory is gone meanwhile; the others are measured all the same.
  const { stdout } = await run("du", args, { timeout: RUN_TIMEOUT_MS, env: { PATH: "/usr/bin:/bin" } }).catch(
    (error: unknown) => {
      if (error instanceof Error && "stdout" in error && typeof error.stdout === "string") {
        return { stdout: error.stdout };
      }
      throw error;
    },
  );
  return new Map(
    stdout
      .split("\0")
      .filter((line) => line !== "")
      .map(
        (line) => [line.slice(line.indexOf("\t") + 1), Number(line.slice(0, line.indexOf("\t")))] as const,
      ),
  );
}
