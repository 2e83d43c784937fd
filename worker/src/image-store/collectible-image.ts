import type { Digest } from "@slipway/protocol";
import type { ImageMarks } from "./image-marks.ts";
import { type IndexFile, isKept } from "./index-file.ts";
import type { Item, Owner } from "./ownership.ts";
import { storedImageItems } from "./stored-image.ts";

/**
 * What an image is worth when room is needed: `unnamed` goes first; `again` can be pulled or made again; `playground` is the
 * last build of a playground, which its files give again; `kept` never goes.
 */
export type Worth = "unnamed" | "again" | "playground" | "kept";

/** Names that builds of playgrounds get. */
const PLAYGROUND_NAME = /^docker\.io\/slipway\//;

export interface CollectibleImage extends Owner {
  readonly manifest: Digest;
  readonly names: readonly string[];
  readonly worth: Worth;
  /** Milliseconds since the epoch; 0 where it is not known. */
  readonly lastUsedMs: number;
  readonly items: ReadonlySet<Item>;
}

/** All images of the store. Marks of images that are not there any more, as a kill leaves them, are removed. */
export async function imagesOf(store: {
  readonly layout: string;
  readonly index: IndexFile;
  readonly marks: ImageMarks;
}): Promise<CollectibleImage[]> {
  const marks = await store.marks.list();
  const names = new Map<Digest, string[]>([...marks.keys()].map((manifest) => [manifest, []]));
  for (const [name, { digest }] of store.index.entries()) {
    names.set(digest, [...(names.get(digest) ?? []), name]);
  }
  const images: CollectibleImage[] = [];
  for (const [manifest, own] of names) {
    const items = await storedImageItems(store.layout, manifest);
    const lastUsedMs = marks.get(manifest) ?? 0;
    if (items) {
      images.push({
        manifest,
        names: own,
        worth: worthOf(own, store.index),
        lastUsedMs,
        items,
        isCache: false,
      });
    } else if (own.length === 0) await store.marks.remove(manifest);
  }
  return images;
}

function worthOf(names: readonly string[], index: IndexFile): Worth {
  if (names.length === 0) return "unnamed";
  if (names.some((name) => isKept(index.get(name)))) return "kept";
  return names.some((name) => PLAYGROUND_NAME.test(name)) ? "playground" : "again";
}
