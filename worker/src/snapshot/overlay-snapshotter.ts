import { randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm, symlink, unlink } from "node:fs/promises";
import path from "node:path";
import { copyTree, makeDirectory, publishFile, removeTree } from "@slipway/native";
import { SlipwayError } from "@slipway/protocol";
import { type Committed, checkName, NO_PARENT, PARENT_IS_ACTIVE, readLinks } from "./snapshot-links.ts";
import type { ActiveSnapshot, CommittedSnapshot, Snapshotter, Staging } from "./snapshotter.ts";

/** overlayfs takes at most 500 lowers, Docker allows 127 layers; more is a mistake. */
const MAX_LAYERS = 255;

interface Active {
  /** A committed snapshot, or the key of an active one. */
  readonly parent: string | null;
  readonly parentIsActive: boolean;
  /** What its file `parent` says. */
  readonly written: string;
  readonly home: string;
  /** Homes of all that is below, the topmost first. */
  readonly below: readonly string[];
  /** Null for one that is where it stays. */
  readonly staging: Staging | null;
}

/** Where a staged snapshot was copied to. */
interface Carried {
  readonly home: string;
  /** What its file `parent` says. */
  readonly written: string;
}

/** A directory with `fs`, which is the root of a container: the umask must not show in it. */
const ROOT = { name: "fs", mode: 0o755 } as const;

/**
 * Snapshots as directories for overlayfs:
 *
 *     trees/<uuid>/{parent,fs,work}    active/<key> → ../trees/<uuid>    committed/<name> → ../trees/<uuid>    scrap/<uuid>
 *
 * A tree stays where it is for its whole life, so that what stands on it does not notice its commit. Every change is one
 * symlink(2), rename(2) or unlink(2) of a link; a tree that no link leads to, and all of `scrap`, was left by a kill and
 * goes when the snapshotter is opened. In place of a link in `committed` there may be the directory itself, as it was written before.
 *
 * A staged snapshot has no link until it is committed: it is copied to a tree of its own then.
 */
export class OverlaySnapshotter implements Snapshotter {
  readonly #directory: string;
  readonly #committed: Map<string, Committed>;
  readonly #active: Map<string, Active>;
  /** Homes that nobody needs but active snapshots on top, and where they are staged. */
  readonly #outlived = new Map<string, Staging | null>();
  /** Copies of staged snapshots, by key. */
  readonly #carried = new Map<string, Promise<Carried>>();
  /** Last use of each committed snapshot in this process, of performance.now(). */
  readonly #used = new Map<string, number>();

  private constructor(directory: string, committed: Map<string, Committed>, active: Map<string, Committed>) {
    this.#directory = directory;
    this.#committed = committed;
    this.#active = new Map(
      [...active].map(([key, one]) => [
        key,
        { ...one, written: one.parent ?? NO_PARENT, parentIsActive: false, below: [], staging: null },
      ]),
    );
  }

  /** Opens the snapshots below `directory`, which one process uses at a time, and cleans what a kill left half done. */
  static async open(directory: string): Promise<OverlaySnapshotter> {
    for (const part of ["trees", "active", "committed", "scrap"]) {
      await mkdir(path.join(directory, part), { recursive: true, mode: 0o700 });
    }
    const committed = await readLinks(path.join(directory, "committed"));
    const active = await readLinks(path.join(directory, "active"));
    // Directories in place of links: active snapshots of builds, which no restart goes on with.
    for (const [key, { home }] of active) {
      if (path.dirname(home) === path.join(directory, "trees")) continue;
      active.delete(key);
      await rm(home, { recursive: true, force: true });
    }
    const homes = new Set([...committed.values(), ...active.values()].map(({ home }) => home));
    for (const part of ["trees", "scrap"]) {
      for (const name of await readdir(path.join(directory, part))) {
        const home = path.join(directory, part, name);
        if (!homes.has(home)) await rm(home, { recursive: true, force: true });
      }
    }
    return new OverlaySnapshotter(directory, committed, active);
  }

  async prepare(key: string, parent: string | null, staging?: Staging): Promise<ActiveSnapshot> {
    return await releasedOnFailure(staging, async () => {
      const below = parent === null ? [] : this.#homes(parent);
      return await this.#create(key, { parent, parentIsActive: false, below, staging: staging ?? null });
    });
  }

  async stack(key: string, parent: string, staging?: Staging): Promise<ActiveSnapshot> {
    return await releasedOnFailure(staging, async () => {
      const under = this.#active.get(parent);
      if (!under) throw new SlipwayError("internal", `There is no active snapshot ${parent}.`);
      const below = [under.home, ...under.below];
      if (below.length > MAX_LAYERS) throw tooDeep(parent);
      return await this.#create(key, { parent, parentIsActive: true, below, staging: staging ?? null });
    });
  }

  async carryOver(key: string, signal?: AbortSignal): Promise<void> {
    const active = this.#active.get(key);
    if (active?.staging) await this.#carry(key, active, signal);
  }

  async commit(name: string, key: string): Promise<void> {
    checkName(name);
    this.touch(name);
    const active = this.#active.get(key);
    if (!active) throw new SlipwayError("internal", `There is no active snapshot ${key}.`);
    if (active.parentIsActive)
      throw new SlipwayError("internal", `The parent of the snapshot ${key} is not committed.`);
    // Before the name is claimed: whoever finds it may use its directories for good.
    const carried = active.staging && !this.#committed.has(name) ? await this.#carry(key, active) : null;
    const { home, written } = carried ?? active;
    // Claimed before anything is waited for, so that two commits of one name at the same time don't meet.
    const isFirst = !this.#committed.has(name);
    if (isFirst) this.#committed.set(name, { parent: active.parent, home });
    try {
      if (isFirst) {
        await this.#settleTree(home, active.parent, written);
        if (carried) await this.#link(home, this.#committedPath(name));
        else await rename(this.#activePath(key), this.#committedPath(name));
      }
    } catch (error) {
      this.#committed.delete(name);
      throw error;
    }
    for (const [child, one] of this.#active) {
      if (one.parentIsActive && one.parent === key)
        this.#active.set(child, { ...one, parent: name, parentIsActive: false });
    }
    if (isFirst) {
      this.#active.delete(key);
      this.#carried.delete(key);
      if (active.staging) this.#outlived.set(active.home, active.staging);
    } else await this.#removeActive(key, active);
    await this.#discardOutlived();
  }

  async has(name: string): Promise<boolean> {
    this.touch(name);
    return this.#committed.has(name);
  }

  async layers(name: string): Promise<string[]> {
    return this.#homes(name).map((home) => path.join(home, "fs"));
  }

  async remove(keyOrName: string): Promise<void> {
    const active = this.#active.get(keyOrName);
    if (active) {
      await this.#removeActive(keyOrName, active);
      await this.#discardOutlived();
      return;
    }
    const committed = this.#committed.get(keyOrName);
    if (!committed) return;
    if (this.#hasChildren(keyOrName)) {
      throw new SlipwayError("internal", `The snapshot ${keyOrName} has children.`);
    }
    this.#committed.delete(keyOrName);
    try {
      await this.#removeLink(this.#committedPath(keyOrName), committed.home);
    } catch (error) {
      this.#committed.set(keyOrName, committed);
      throw error;
    }
    await this.#discardOutlived();
  }

  async list(): Promise<CommittedSnapshot[]> {
    return [...this.#committed].map(([name, { parent, home }]) => ({
      name,
      parent,
      directory: path.join(home, "fs"),
    }));
  }

  touch(name: string): void {
    this.#used.set(name, performance.now());
  }

  async removeUnused(name: string, sinceMs: number): Promise<boolean> {
    if (!this.#committed.has(name)) return true;
    const lastUsed = this.#used.get(name) ?? Number.NEGATIVE_INFINITY;
    if (lastUsed >= sinceMs || this.#hasChildren(name)) return false;
    this.#used.delete(name);
    // Its name is gone before the first wait of `remove`: whoever asks from here on finds that it is missing.
    await this.remove(name);
    return true;
  }

  activeKeys(): string[] {
    return [...this.#active.keys()];
  }

  #hasChildren(name: string): boolean {
    for (const { parent } of this.#committed.values()) if (parent === name) return true;
    for (const { parent, parentIsActive } of this.#active.values())
      if (parent === name && !parentIsActive) return true;
    return false;
  }

  /** Homes of a committed snapshot's stack, the topmost first. */
  #homes(name: string): string[] {
    const homes: string[] = [];
    for (let next: string | null = name; next !== null; ) {
      this.touch(next);
      const committed: Committed | undefined = this.#committed.get(next);
      if (!committed) throw new SlipwayError("store-corrupt", `The snapshot ${next} does not exist.`);
      if (homes.length === MAX_LAYERS) throw tooDeep(name);
      homes.push(committed.home);
      next = committed.parent;
    }
    return homes;
  }

  async #create(key: string, place: Omit<Active, "home" | "written">): Promise<ActiveSnapshot> {
    checkName(key);
    if (this.#active.has(key)) throw new SlipwayError("internal", `The snapshot ${key} is active already.`);
    const home = path.join(place.staging?.directory ?? path.join(this.#directory, "trees"), randomUUID());
    const written = writtenParent(place);
    this.#active.set(key, { ...place, home, written });
    const work = { name: "work", mode: 0o700 };
    try {
      if (place.staging) await makeDirectory(home, 0o700, [ROOT, work]);
      else {
        await makeDirectory(home, 0o700, [ROOT, work, { name: "parent", mode: 0o600, content: written }]);
        await this.#link(home, this.#activePath(key));
      }
    } catch (error) {
      this.#active.delete(key);
      await removeTree(home);
      throw error;
    }
    const lowers = place.below.map((below) => path.join(below, "fs"));
    return { key, upper: path.join(home, "fs"), work: path.join(home, "work"), lowers };
  }

  #carry(key: string, active: Active, signal?: AbortSignal): Promise<Carried> {
    let carried = this.#carried.get(key);
    if (carried === undefined) {
      carried = this.#copy(active, signal);
      carried.catch(() => undefined);
      this.#carried.set(key, carried);
    }
    return carried;
  }

  async #copy(active: Active, signal?: AbortSignal): Promise<Carried> {
    const home = path.join(this.#directory, "trees", randomUUID());
    const written = writtenParent(active);
    try {
      await makeDirectory(home, 0o700, [ROOT, { name: "parent", mode: 0o600, content: written }]);
      await copyTree(path.join(active.home, "fs"), path.join(home, "fs"), signal);
    } catch (error) {
      await removeTree(home);
      throw error;
    }
    return { home, written };
  }

  async #settleTree(home: string, parent: string | null, written: string): Promise<void> {
    const wanted = parent ?? NO_PARENT;
    const parentFile = {
      temporary: path.join(this.#directory, "scrap", randomUUID()),
      target: path.join(home, "parent"),
      marker: null,
      bytes: Buffer.from(wanted),
    };
    await Promise.all([
      removeTree(path.join(home, "work")),
      written === wanted ? null : publishFile(parentFile),
    ]);
  }

  async #link(home: string, link: string): Promise<void> {
    await symlink(path.join("..", "trees", path.basename(home)), link);
  }

  async #removeActive(key: string, active: Active): Promise<void> {
    const { home, staging } = active;
    // Gone before the first wait: what is put on it from here on would never learn what became of it.
    this.#active.delete(key);
    if (!staging) {
      try {
        await this.#removeLink(this.#activePath(key), home);
      } catch (error) {
        this.#active.set(key, active);
        throw error;
      }
      return;
    }
    const carried = this.#carried.get(key);
    this.#carried.delete(key);
    // A copy under way ends first: what it reads and writes goes.
    const copy = await carried?.catch(() => null);
    if (copy) this.#outlived.set(copy.home, null);
    this.#outlived.set(home, staging);
  }

  /** The tree itself goes when nothing stands on it. */
  async #removeLink(link: string, home: string): Promise<void> {
    if (link !== home) await unlink(link);
    this.#outlived.set(home, null);
  }

  async #discardOutlived(): Promise<void> {
    const needed = new Set([...this.#active.values()].flatMap(({ below }) => below));
    const free = [...this.#outlived].filter(([home]) => !needed.has(home));
    for (const [home] of free) this.#outlived.delete(home);
    for (const [home, staging] of free) await (staging ? staging.release() : this.#discard(home));
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
    await removeTree(scrap);
  }

  #activePath(key: string): string {
    return path.join(this.#directory, "active", encodeURIComponent(key));
  }

  #committedPath(name: string): string {
    return path.join(this.#directory, "committed", encodeURIComponent(name));
  }
}

async function releasedOnFailure<Result>(
  staging: Staging | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    await staging?.release();
    throw error;
  }
}

const writtenParent = ({ parent, parentIsActive }: Pick<Active, "parent" | "parentIsActive">): string =>
  parentIsActive ? PARENT_IS_ACTIVE : (parent ?? NO_PARENT);

function tooDeep(name: string): SlipwayError {
  return new SlipwayError("store-corrupt", `The snapshot ${name} has over ${MAX_LAYERS} layers.`);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
