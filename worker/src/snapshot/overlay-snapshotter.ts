import { randomUUID } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { SlipwayError } from "@slipway/protocol";
import type { ActiveSnapshot, CommittedSnapshot, Snapshotter } from "./snapshotter.ts";

/** Keys and names become file names; a digest's colon is encoded. */
const NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,159}$/;
/** Content of the file `parent` of a snapshot without one. Never empty: that is what a power cut can leave. */
const NO_PARENT = "-";
/** overlayfs takes at most 500 lowers, Docker allows 127 layers; more is a mistake. */
const MAX_LAYERS = 255;

/**
 * Snapshots as directories for overlayfs:
 *
 *     active/<key>/{parent,fs,work}    committed/<name>/{parent,fs}    scrap/<uuid>
 *
 * Every change is one rename(2): a snapshot is put together in `scrap` and moved into place, and what is removed moves
 * to `scrap` before it is deleted. Whatever is in `scrap` when the snapshotter is opened was left by a kill.
 */
export class OverlaySnapshotter implements Snapshotter {
  readonly #directory: string;
  /** Parent of each committed snapshot, by name. */
  readonly #parents: Map<string, string | null>;
  /** Parent of each active snapshot, by key. */
  readonly #active: Map<string, string | null>;
  /** Last use of each committed snapshot in this process, of performance.now(). */
  readonly #used = new Map<string, number>();

  private constructor(
    directory: string,
    parents: Map<string, string | null>,
    active: Map<string, string | null>,
  ) {
    this.#directory = directory;
    this.#parents = parents;
    this.#active = active;
  }

  /** Opens the snapshots below `directory`, which one process uses at a time, and cleans what a kill left half done. */
  static async open(directory: string): Promise<OverlaySnapshotter> {
    for (const part of ["active", "committed", "scrap"]) {
      await mkdir(path.join(directory, part), { recursive: true, mode: 0o700 });
    }
    for (const name of await readdir(path.join(directory, "scrap"))) {
      await rm(path.join(directory, "scrap", name), { recursive: true, force: true });
    }
    const committed = await readParents(path.join(directory, "committed"));
    const active = await readParents(path.join(directory, "active"));
    return new OverlaySnapshotter(directory, committed, active);
  }

  async prepare(key: string, parent: string | null): Promise<ActiveSnapshot> {
    checkName(key);
    if (this.#active.has(key)) throw new SlipwayError("internal", `The snapshot ${key} is active already.`);
    const lowers = parent === null ? [] : await this.layers(parent);
    this.#active.set(key, parent);
    try {
      await this.#create(key, parent);
    } catch (error) {
      this.#active.delete(key);
      throw error;
    }
    const home = this.#activePath(key);
    return { key, upper: path.join(home, "fs"), work: path.join(home, "work"), lowers };
  }

  async commit(name: string, key: string): Promise<void> {
    checkName(name);
    this.touch(name);
    const parent = this.#active.get(key);
    if (parent === undefined) throw new SlipwayError("internal", `There is no active snapshot ${key}.`);
    if (this.#parents.has(name)) return await this.remove(key);
    await this.#discard(path.join(this.#activePath(key), "work"));
    // Claimed before the rename, so that two commits of one name at the same time don't meet there.
    if (this.#parents.has(name)) return await this.remove(key);
    this.#parents.set(name, parent);
    try {
      await rename(this.#activePath(key), this.#committedPath(name));
    } catch (error) {
      this.#parents.delete(name);
      throw error;
    }
    this.#active.delete(key);
  }

  async has(name: string): Promise<boolean> {
    this.touch(name);
    return this.#parents.has(name);
  }

  async layers(name: string): Promise<string[]> {
    const layers: string[] = [];
    for (let next: string | null = name; next !== null; ) {
      this.touch(next);
      const parent = this.#parents.get(next);
      if (parent === undefined)
        throw new SlipwayError("store-corrupt", `The snapshot ${next} does not exist.`);
      if (layers.length === MAX_LAYERS) {
        throw new SlipwayError("store-corrupt", `The snapshot ${name} has over ${MAX_LAYERS} layers.`);
      }
      layers.push(path.join(this.#committedPath(next), "fs"));
      next = parent;
    }
    return layers;
  }

  async remove(keyOrName: string): Promise<void> {
    if (this.#active.has(keyOrName)) {
      await this.#discard(this.#activePath(keyOrName));
      this.#active.delete(keyOrName);
      return;
    }
    if (!this.#parents.has(keyOrName)) return;
    if (this.#hasChildren(keyOrName)) {
      throw new SlipwayError("internal", `The snapshot ${keyOrName} has children.`);
    }
    const parent = this.#parents.get(keyOrName) ?? null;
    this.#parents.delete(keyOrName);
    try {
      await this.#discard(this.#committedPath(keyOrName));
    } catch (error) {
      this.#parents.set(keyOrName, parent);
      throw error;
    }
  }

  async list(): Promise<CommittedSnapshot[]> {
    return [...this.#parents].map(([name, parent]) => ({
      name,
      parent,
      directory: path.join(this.#committedPath(name), "fs"),
    }));
  }

  touch(name: string): void {
    this.#used.set(name, performance.now());
  }

  async removeUnused(name: string, sinceMs: number): Promise<boolean> {
    if (!this.#parents.has(name)) return true;
    const lastUsed = this.#used.get(name) ?? Number.NEGATIVE_INFINITY;
    if (lastUsed >= sinceMs || this.#hasChildren(name)) return false;
    this.#used.delete(name);
    // Its name is gone before the first wait of `remove`: whoever asks from here on finds that it is missing.
    await this.remove(name);
    return true;
  }

  #hasChildren(name: string): boolean {
    return [...this.#parents.values(), ...this.#active.values()].includes(name);
  }

  /** Keys of the active snapshots, such as those that builds of a killed worker left. */
  activeKeys(): string[] {
    return [...this.#active.keys()];
  }

  async #create(key: string, parent: string | null): Promise<void> {
    const draft = path.join(this.#directory, "scrap", randomUUID());
    await mkdir(draft, { mode: 0o700 });
    // This is the root directory of a container; the umask must not show in it.
    await mkdir(path.join(draft, "fs"));
    await chmod(path.join(draft, "fs"), 0o755);
    await mkdir(path.join(draft, "work"), { mode: 0o700 });
    await writeFile(path.join(draft, "parent"), parent ?? NO_PARENT);
    await rename(draft, this.#activePath(key));
  }

  /** Takes a directory away at once and deletes it then. */
  async #discard(directory: string): Promise<void> {
    const scrap = path.join(this.#directory, "scrap", randomUUID());
    try {
      await rename(directory, scrap);
    } catch (error) {
      if (isMissing(error)) return;
      throw error;
    }
    await rm(scrap, { recursive: true, force: true });
  }

  #activePath(key: string): string {
    return path.join(this.#directory, "active", encodeURIComponent(key));
  }

  #committedPath(name: string): string {
    return path.join(this.#directory, "committed", encodeURIComponent(name));
  }
}

async function readParents(directory: string): Promise<Map<string, string | null>> {
  const parents = new Map<string, string | null>();
  for (const entry of await readdir(directory)) {
    const parent = await readFile(path.join(directory, entry, "parent"), "utf8");
    if (parent !== NO_PARENT && !NAME_PATTERN.test(parent)) {
      await rm(path.join(directory, entry), { recursive: true, force: true });
    } else {
      parents.set(decodeURIComponent(entry), parent === NO_PARENT ? null : parent);
    }
  }
  return parents;
}

function checkName(name: string): void {
  if (!NAME_PATTERN.test(name)) throw new SlipwayError("internal", `Not the name of a snapshot: ${name}`);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
