import { type Digest, SlipwayError } from "@slipway/protocol";
import type { ContentStore } from "../content/content-store.ts";
import type { Snapshotter } from "../snapshot/snapshotter.ts";
import { type CollectibleImage, imagesOf } from "./collectible-image.ts";
import type { ImageMarks } from "./image-marks.ts";
import type { Collected, EvictableCache, EvictableEntry } from "./image-store.ts";
import type { IndexFile } from "./index-file.ts";
import type { LayerView } from "./layer-view.ts";
import type { LeaseBook } from "./lease-book.ts";
import {
  blobItem,
  evictionOrder,
  type Item,
  type Owner,
  Ownership,
  SnapshotTree,
  snapshotItem,
} from "./ownership.ts";
import type { StoreSize } from "./store-size.ts";
import { storedImageItems } from "./stored-image.ts";

/** What stays free of the disk beside the store, as far as collecting can help. */
export const FREE_BYTES = 2 * 1024 ** 3;

export interface CollectorOptions {
  readonly layout: string;
  readonly content: ContentStore;
  readonly snapshotter: Snapshotter;
  readonly index: IndexFile;
  readonly marks: ImageMarks;
  readonly leases: LeaseBook;
  readonly view: LayerView;
  readonly size: StoreSize;
  readonly caches: readonly EvictableCache[];
  /** What blobs and snapshots may take on the disk. */
  readonly limitBytes: number;
}

interface CachedResult extends EvictableEntry, Owner {
  readonly cache: EvictableCache;
}

/**
 * One collection. Others go on beside it: what they use after its start, or have used since the oldest open lease began,
 * is left alone, and whoever gives a blob or a snapshot a new owner uses it. So it is safe to decide first and to remove then.
 */
export async function collectOnce(options: CollectorOptions): Promise<Collected> {
  const startedMs = performance.now();
  return await new Collection(options, startedMs).run();
}

class Collection {
  readonly #options: CollectorOptions;
  readonly #startedMs: number;
  readonly #ownership = new Ownership();
  #tree = new SnapshotTree(new Map());
  #sizes: ReadonlyMap<Item, number> = new Map();
  #usedBytes = 0;
  #limitBytes = 0;
  #images = 0;
  #blobs = 0;
  #snapshots = 0;
  #freedBytes = 0;

  constructor(options: CollectorOptions, startedMs: number) {
    this.#options = options;
    this.#startedMs = startedMs;
  }

  async run(): Promise<Collected> {
    const { content, snapshotter, view } = this.#options;
    const images = await imagesOf(this.#options);
    const results = await this.#cached();
    const snapshots = await snapshotter.list();
    const blobs = await content.list();
    this.#tree = new SnapshotTree(new Map(snapshots.map(({ name, parent }) => [name, parent])));
    this.#sizes = await this.#options.size.measure(blobs, snapshots);
    this.#usedBytes = [...this.#sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
    this.#limitBytes = await this.#limit();
    for (const image of images) this.#ownership.add(image);
    for (const result of results) this.#ownership.add(result);
    this.#ownership.add(await this.#held());
    await this.#remove([...this.#sizes.keys()].filter((item) => !this.#ownership.isKept(item)));
    await this.#makeRoom(images, results);
    const left = await snapshotter.list();
    await view.keepOnly(new Set(left.map(({ name }) => name)));
    if (this.#usedBytes > this.#limitBytes) throw full(this.#usedBytes, this.#limitBytes);
    return {
      images: this.#images,
      blobs: this.#blobs,
      snapshots: this.#snapshots,
      freedBytes: this.#freedBytes,
      usedBytes: this.#usedBytes,
    };
  }

  /** The limit, or less where others have filled the disk. */
  async #limit(): Promise<number> {
    const freeBytes = await this.#options.size.freeBytes();
    return Math.min(this.#options.limitBytes, this.#usedBytes + Math.max(0, freeBytes - FREE_BYTES));
  }

  async #makeRoom(images: readonly CollectibleImage[], results: readonly CachedResult[]): Promise<void> {
    const byAge = [...images].sort((left, right) => left.lastUsedMs - right.lastUsedMs);
    let cached = evictionOrder(results, this.#tree);
    for (const image of byAge.filter(({ worth }) => worth === "unnamed")) await this.#dropImage(image);
    cached = await this.#evict(cached);
    for (const worth of ["again", "playground"] as const) {
      for (const image of byAge.filter((candidate) => candidate.worth === worth)) {
        if (!this.#isOver()) return;
        // What was cached on the way to an image frees something only when the image has gone.
        if (await this.#dropImage(image)) cached = await this.#evict(cached);
      }
    }
  }

  #isOver(): boolean {
    return this.#usedBytes > this.#limitBytes;
  }

  /** Drops results for as long as that is needed and helps. The result is those that are left. */
  async #evict(results: readonly CachedResult[]): Promise<CachedResult[]> {
    const left: CachedResult[] = [];
    for (const result of results) {
      if (!this.#isOver() || this.#ownership.areFirm(result.items)) {
        left.push(result);
        continue;
      }
      await result.cache.evict(result.key);
      await this.#remove(this.#ownership.drop(result));
    }
    return left;
  }

  async #dropImage(image: CollectibleImage): Promise<boolean> {
    if (!this.#isOver() || !(await this.#forget(image))) return false;
    this.#images += 1;
    await this.#remove(this.#ownership.drop(image));
    return true;
  }

  /** Takes away names, manifest and mark of an image that nobody uses. False when somebody does. */
  async #forget({ manifest, names }: CollectibleImage): Promise<boolean> {
    const { content, index, leases, marks } = this.#options;
    const isFree = () => !leases.isHeld(manifest) && !marks.wasUsed(manifest, this.#sinceMs());
    for (const name of names) {
      if (!(await index.remove(name, ({ digest }) => digest === manifest && isFree()))) return false;
    }
    if (!isFree() || !(await content.removeUnused(manifest, this.#sinceMs()))) return false;
    await marks.remove(manifest);
    this.#count(blobItem(manifest));
    return true;
  }

  /** Snapshots first, those without children before those that they stand on. */
  async #remove(items: readonly Item[]): Promise<void> {
    const names = items.flatMap((item) => (item.startsWith("snapshot:") ? [nameOf(item)] : []));
    const depths = new Map(names.map((name) => [name, this.#tree.depth(name)]));
    names.sort((left, right) => (depths.get(right) ?? 0) - (depths.get(left) ?? 0));
    for (const name of names) {
      if (!(await this.#options.snapshotter.removeUnused(name, this.#sinceMs()))) continue;
      this.#snapshots += 1;
      this.#count(snapshotItem(name));
    }
    for (const item of items) {
      if (!item.startsWith("blob:") || !this.#sizes.has(item)) continue;
      if (await this.#options.content.removeUnused(nameOf(item) as Digest, this.#sinceMs()))
        this.#count(item);
    }
  }

  /** Notes that an item is gone; once for each. */
  readonly #gone = new Set<Item>();
  #count(item: Item): void {
    if (this.#gone.has(item)) return;
    this.#gone.add(item);
    if (item.startsWith("blob:")) this.#blobs += 1;
    const bytes = this.#sizes.get(item) ?? 0;
    this.#freedBytes += bytes;
    this.#usedBytes -= bytes;
  }

  #sinceMs(): number {
    return Math.min(this.#startedMs, this.#options.leases.usedSinceMs());
  }

  async #cached(): Promise<CachedResult[]> {
    const results: CachedResult[] = [];
    for (const cache of this.#options.caches) {
      for await (const entry of cache.entries())
        results.push({ ...entry, cache, items: new Set(), isCache: true });
    }
    const snapshots = await this.#options.snapshotter.list();
    const tree = new SnapshotTree(new Map(snapshots.map(({ name, parent }) => [name, parent])));
    return results.map((result) => ({
      ...result,
      items: new Set<Item>([
        ...tree.chain(result.snapshot).map(snapshotItem),
        ...(result.blob === null ? [] : [blobItem(result.blob)]),
      ]),
    }));
  }

  /** What leases name. A name can be that of a manifest, of another blob and of a snapshot at the same time. */
  async #held(): Promise<Owner> {
    const items = new Set<Item>();
    for (const name of this.#options.leases.held()) {
      items.add(blobItem(name));
      for (const snapshot of this.#tree.chain(name)) items.add(snapshotItem(snapshot));
      if (!/^sha256:[0-9a-f]{64}$/.test(name)) continue;
      for (const item of (await storedImageItems(this.#options.layout, name as Digest)) ?? [])
        items.add(item);
    }
    return { items, isCache: false };
  }
}

const nameOf = (item: Item): string => item.slice(item.indexOf(":") + 1);

function full(usedBytes: number, limitBytes: number): SlipwayError {
  return new SlipwayError("store-full", "The store of images is full, and all of it is in use.", {
    params: { usedBytes, limitBytes },
  });
}
