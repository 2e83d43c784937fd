/** A blob (`blob:<digest>`) or a snapshot (`snapshot:<name>`). */
export type Item = `blob:${string}` | `snapshot:${string}`;

export const blobItem = (digest: string): Item => `blob:${digest}`;
export const snapshotItem = (name: string): Item => `snapshot:${name}`;

/** Something that keeps items: an image, a cached result, a lease. */
export interface Owner {
  readonly items: ReadonlySet<Item>;
  /** True for what can be had again in no time of a person's; it does not count where others are asked for. */
  readonly isCache: boolean;
}

/** Who keeps what. An item that nobody keeps is free to go. */
export class Ownership {
  readonly #counts = new Map<Item, number>();
  /** Without caches. */
  readonly #firmCounts = new Map<Item, number>();

  add({ items, isCache }: Owner): void {
    for (const item of items) {
      this.#counts.set(item, this.#count(item) + 1);
      if (!isCache) this.#firmCounts.set(item, (this.#firmCounts.get(item) ?? 0) + 1);
    }
  }

  /** Items that nobody keeps any more. */
  drop({ items, isCache }: Owner): Item[] {
    const free: Item[] = [];
    for (const item of items) {
      const left = this.#count(item) - 1;
      this.#counts.set(item, left);
      if (!isCache) this.#firmCounts.set(item, (this.#firmCounts.get(item) ?? 0) - 1);
      if (left === 0) free.push(item);
    }
    return free;
  }

  isKept(item: Item): boolean {
    return this.#count(item) > 0;
  }

  /** True if something else than caches keeps all of them: dropping a cached result of these would free nothing. */
  areFirm(items: ReadonlySet<Item>): boolean {
    return [...items].every((item) => (this.#firmCounts.get(item) ?? 0) > 0);
  }

  #count(item: Item): number {
    return this.#counts.get(item) ?? 0;
  }
}

/** The stack of committed snapshots. */
export class SnapshotTree {
  readonly #parents: ReadonlyMap<string, string | null>;

  constructor(parents: ReadonlyMap<string, string | null>) {
    this.#parents = parents;
  }

  /** A snapshot and all below it, the topmost first; none for one that is not there. */
  chain(name: string | null): string[] {
    const chain: string[] = [];
    for (let next = name; next !== null; ) {
      const parent = this.#parents.get(next);
      if (parent === undefined) break;
      chain.push(next);
      next = parent;
    }
    return chain;
  }

  depth(name: string | null): number {
    return this.chain(name).length;
  }
}

/** A cached result in the order in which caches are emptied. */
export interface Ranked {
  readonly snapshot: string | null;
  readonly lastUsedMs: number;
}

/**
 * Those used longest ago first; a result counts as used when one on top of it was, and goes after it: without what it
 * stands on, a result is worth nothing.
 */
export function evictionOrder<Entry extends Ranked>(entries: readonly Entry[], tree: SnapshotTree): Entry[] {
  const used = new Map<string, number>();
  for (const { snapshot, lastUsedMs } of entries) {
    for (const name of tree.chain(snapshot)) used.set(name, Math.max(used.get(name) ?? 0, lastUsedMs));
  }
  const rank = (entry: Entry) => {
    const known = entry.snapshot === null ? undefined : used.get(entry.snapshot);
    return { entry, usedMs: known ?? entry.lastUsedMs, depth: tree.depth(entry.snapshot) };
  };
  return entries
    .map(rank)
    .sort((left, right) => left.usedMs - right.usedMs || right.depth - left.depth)
    .map(({ entry }) => entry);
}
