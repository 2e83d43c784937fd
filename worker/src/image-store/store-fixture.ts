import path from "node:path";
import { gzipSync } from "node:zlib";
import { digestOf } from "../content/digest.ts";
import { openContentStore } from "../content/directory-content-store.ts";
import { encodeTarHeader, TAR_END, type TarHeader, tarPadding } from "../layer/tar-encoder.ts";
import { type ImageConfig, MEDIA_TYPE_LAYER, MEDIA_TYPE_LAYER_GZIP } from "../oci/image-spec.ts";
import { OverlaySnapshotter } from "../snapshot/overlay-snapshotter.ts";
import type { Image, StoredLayer } from "./image-store.ts";
import { openImageStore } from "./oci-image-store.ts";

/** An image store with all its real parts in a directory; opened again it is the one of a worker that was restarted. */
export async function openStore(directory: string, options: { readonly limitBytes?: number } = {}) {
  const content = await openContentStore(path.join(directory, "content"));
  const snapshotter = await OverlaySnapshotter.open(path.join(directory, "snapshots"));
  const store = await openImageStore({
    directory: path.join(directory, "content"),
    content,
    snapshotter,
    mountDirectory: path.join(directory, "mounts"),
    ...options,
  });
  return { content, snapshotter, store };
}
export type OpenedStore = Awaited<ReturnType<typeof openStore>>;

export type TarFile = Partial<Omit<TarHeader, "sizeBytes">> & {
  readonly path: string;
  readonly content?: string;
};

/** A layer's tar; a path with a slash at its end is a directory. */
export function tarOf(files: readonly (TarFile | string)[]): Buffer {
  const parts = files.flatMap((file) => {
    const { content = "", ...header } = typeof file === "string" ? { path: file } : file;
    const isDirectory = header.path.endsWith("/");
    const body = Buffer.from(content);
    const filled = {
      type: isDirectory ? ("directory" as const) : ("file" as const),
      mode: isDirectory ? 0o755 : 0o644,
      uid: 0,
      gid: 0,
      mtimeSeconds: 1,
      ...header,
      path: header.path.replace(/\/$/, ""),
      sizeBytes: body.length,
    };
    return [encodeTarHeader(filled), body, tarPadding(body.length)];
  });
  return Buffer.concat([...parts, TAR_END]);
}

/** Puts a layer into the content store. */
export async function layerOf({ content }: OpenedStore, tar: Buffer, gzip = false): Promise<StoredLayer> {
  const blob = await content.put(gzip ? gzipSync(tar) : tar);
  return { ...blob, diffId: digestOf(tar), mediaType: gzip ? MEDIA_TYPE_LAYER_GZIP : MEDIA_TYPE_LAYER };
}

export const configOf = (
  layers: readonly StoredLayer[],
  changes: Partial<ImageConfig> = {},
): ImageConfig => ({
  architecture: "amd64",
  os: "linux",
  rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
  ...changes,
});

/** An image with a layer for each list of files, the lowest first. */
export async function imageOf(
  opened: OpenedStore,
  layers: readonly (readonly (TarFile | string)[])[],
  changes: Partial<ImageConfig> = {},
): Promise<Image> {
  const stored: StoredLayer[] = [];
  for (const files of layers) stored.push(await layerOf(opened, tarOf(files)));
  return await opened.store.create(configOf(stored, changes), stored);
}

/** A file of this many KiB whose content depends on its name only. */
export const fileOf = (name: string, kibibytes: number): TarFile => ({
  path: name,
  content: name.padEnd(1024, ".").repeat(kibibytes),
});

/** Numbers from 0 to 1, the same ones for a seed (the MINSTD generator). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
