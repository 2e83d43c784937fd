import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Digest } from "@slipway/protocol";
import { errnoOf } from "../content/atomic-file.ts";
import { hexOf } from "../content/digest.ts";
import { imageConfigSchema, imageManifestSchema } from "../oci/image-spec.ts";
import { parseJson } from "./index-file.ts";
import { chainOf } from "./layer-view.ts";
import { blobItem, type Item, snapshotItem } from "./ownership.ts";

/**
 * Blobs and snapshots of the image with this manifest; null when it is not there or can't be read. Unlike a read through the
 * content store this is no use of the image.
 */
export async function storedImageItems(layout: string, manifest: Digest): Promise<ReadonlySet<Item> | null> {
  const parsed = imageManifestSchema.safeParse(await readJson(layout, manifest));
  if (!parsed.success) return null;
  const { config, layers } = parsed.data;
  const items = new Set<Item>([manifest, config.digest, ...layers.map(({ digest }) => digest)].map(blobItem));
  const rootfs = imageConfigSchema.safeParse(await readJson(layout, config.digest)).data?.rootfs;
  if (!rootfs) return null;
  const stack = rootfs.diff_ids.map((diffId) => ({ digest: diffId, diffId, sizeBytes: 0, mediaType: "" }));
  for (const chain of chainOf({ layers: stack })) items.add(snapshotItem(chain));
  return items;
}

async function readJson(layout: string, digest: Digest): Promise<unknown> {
  try {
    return parseJson(await readFile(path.join(layout, "blobs", "sha256", hexOf(digest)), "utf8"));
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}
