import path from "node:path";
import { type Digest, SlipwayError } from "@slipway/protocol";
import { z } from "zod";
import { tarIn } from "../../builder/local-archive.ts";
import type { ContentStore } from "../../content/content-store.ts";
import type { Image, ImageStore, StoredLayer } from "../../image-store/image-store.ts";
import { entryPath, tarEntries } from "../../layer/tar-reader.ts";
import {
  imageConfigSchema,
  imageIndexSchema,
  imageManifestSchema,
  MEDIA_TYPE_INDEX,
  MEDIA_TYPE_LAYER,
  MEDIA_TYPE_LAYER_GZIP,
  MEDIA_TYPE_LAYER_ZSTD,
} from "../../oci/image-spec.ts";

/** Entries of an archive: several images have a few hundred. */
const MOST_ENTRIES = 10_000;
const MOST_IMAGES = 256;
/** Of a manifest, an index or a config. */
const MOST_JSON_BYTES = 4 * 1024 * 1024;

/** manifest.json of `docker save`. */
const manifestSchema = z
  .array(
    z.looseObject({
      Config: z.string(),
      RepoTags: z.array(z.string()).nullish(),
      Layers: z.array(z.string()).max(256),
    }),
  )
  .max(MOST_IMAGES);

export interface LoadParts {
  readonly store: ImageStore;
  readonly content: ContentStore;
}

export interface LoadOptions {
  /** All files of the archive together. */
  readonly limitBytes: number;
  readonly signal: AbortSignal;
}

export interface LoadedImage {
  readonly image: Image;
  /** As the archive has them. */
  readonly names: readonly string[];
}

/**
 * Brings the images of an archive into the store: one of `docker save`, old or new, or an OCI image layout. Files become
 * blobs as they come, whatever their names are, so nothing of the archive is a path here; each layer is held against its
 * diffID when it is unpacked. Rejects with `image-invalid` and `image-too-large`. The caller holds a lease.
 */
export async function loadImages(
  parts: LoadParts,
  archive: AsyncIterable<Uint8Array>,
  options: LoadOptions,
): Promise<LoadedImage[]> {
  const files = await readFiles(parts.content, archive, options).catch((error: unknown) => {
    options.signal.throwIfAborted();
    throw error instanceof SlipwayError ? error : invalid("it is no tar, or not the whole of one", error);
  });
  const manifest = await files.json("manifest.json", manifestSchema);
  const wanted = manifest
    ? manifest.map(({ Config, RepoTags, Layers }) => ({
        config: Config,
        layers: Layers,
        names: RepoTags ?? [],
      }))
    : await fromLayout(files);
  if (wanted.length === 0) throw invalid("there is no image in it");
  const loaded: LoadedImage[] = [];
  for (const { config, layers, names } of wanted) {
    options.signal.throwIfAborted();
    loaded.push({ image: await makeImage(parts, files, config, layers), names });
  }
  return loaded;
}

interface Wanted {
  readonly config: string;
  readonly layers: readonly string[];
  readonly names: readonly string[];
}

const blobPath = (digest: Digest): string => `blobs/${digest.replace(":", "/")}`;

/** Images of an OCI layout; an index in it leads to the first image of the kind that is there as a whole. */
async function fromLayout(files: ArchiveFiles): Promise<Wanted[]> {
  const index = await files.json("index.json", imageIndexSchema);
  if (!index) throw invalid("it has neither manifest.json nor index.json");
  const wanted: Wanted[] = [];
  for (const descriptor of index.manifests.slice(0, MOST_IMAGES)) {
    const name = descriptor.annotations?.["io.containerd.image.name"];
    let { digest } = descriptor;
    if (descriptor.mediaType === MEDIA_TYPE_INDEX) {
      const inner = await files.json(blobPath(digest), imageIndexSchema);
      const here = inner?.manifests.find((one) => files.find(blobPath(one.digest)) !== null);
      if (!here) continue;
      ({ digest } = here);
    }
    const manifest = await files.json(blobPath(digest), imageManifestSchema);
    if (!manifest) throw invalid(`the manifest ${digest} is missing`);
    wanted.push({
      config: blobPath(manifest.config.digest),
      layers: manifest.layers.map((layer) => blobPath(layer.digest)),
      names: name === undefined ? [] : [name],
    });
  }
  return wanted;
}

async function makeImage(
  { store, content }: LoadParts,
  files: ArchiveFiles,
  configPath: string,
  layerPaths: readonly string[],
): Promise<Image> {
  const config = await files.json(configPath, imageConfigSchema);
  if (!config) throw invalid(`the config ${configPath.slice(0, 200)} is missing`);
  if (config.rootfs.diff_ids.length !== layerPaths.length) throw invalid("config and layers disagree");
  const layers = await Promise.all(
    layerPaths.map(async (layerPath, index): Promise<StoredLayer> => {
      const file = files.find(layerPath);
      if (!file) throw invalid(`the layer ${layerPath.slice(0, 200)} is missing`);
      const mediaType = mediaTypeOf(file.head);
      return { ...file.blob, diffId: config.rootfs.diff_ids[index] as Digest, mediaType };
    }),
  );
  await store.unpack(layers);
  const image = await store.create(config, layers);
  const original = files.find(configPath)?.blob.digest;
  return original === image.imageId ? image : await withConfig({ store, content }, image, original);
}

/** The image under its own id: the config is kept byte by byte, as the id is its digest. */
async function withConfig(
  { store, content }: LoadParts,
  image: Image,
  config: Digest | undefined,
): Promise<Image> {
  if (config === undefined) return image;
  const size = (await content.size(config)) ?? 0;
  const manifest = { ...image.manifest, config: { ...image.manifest.config, digest: config, size } };
  const { digest } = await content.put(Buffer.from(JSON.stringify(manifest)));
  await content.sync();
  const own = await store.get(digest);
  if (!own) throw invalid("it is gone");
  return own;
}

function mediaTypeOf(head: Uint8Array): string {
  if (head[0] === 0x1f && head[1] === 0x8b) return MEDIA_TYPE_LAYER_GZIP;
  if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd)
    return MEDIA_TYPE_LAYER_ZSTD;
  return MEDIA_TYPE_LAYER;
}

interface ArchiveFile {
  readonly blob: { readonly digest: Digest; readonly sizeBytes: number };
  /** First bytes. */
  readonly head: Uint8Array;
}

/** What an archive holds, by path. */
class ArchiveFiles {
  readonly #content: ContentStore;
  readonly #files = new Map<string, ArchiveFile>();
  readonly #links = new Map<string, string>();

  constructor(content: ContentStore) {
    this.#content = content;
  }

  add(name: string, file: ArchiveFile): void {
    this.#files.set(name, file);
  }

  /** Old archives have a layer that several images share once, and links to it. */
  link(name: string, target: string): void {
    this.#links.set(name, target);
  }

  find(name: string): ArchiveFile | null {
    return this.#files.get(name) ?? this.#files.get(this.#links.get(name) ?? "") ?? null;
  }

  /** Null where it is missing; rejects where it is something else. */
  async json<Schema extends z.ZodType>(name: string, schema: Schema): Promise<z.output<Schema> | null> {
    const file = this.find(name);
    if (!file) return null;
    if (file.blob.sizeBytes > MOST_JSON_BYTES) throw invalid(`${name.slice(0, 200)} is too large`);
    const bytes = await this.#content.bytes(file.blob.digest, MOST_JSON_BYTES);
    try {
      return schema.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
    } catch (error) {
      throw invalid(`${name.slice(0, 200)} can't be read`, error);
    }
  }
}

async function readFiles(
  content: ContentStore,
  archive: AsyncIterable<Uint8Array>,
  { limitBytes, signal }: LoadOptions,
): Promise<ArchiveFiles> {
  const files = new ArchiveFiles(content);
  let entries = 0;
  let left = limitBytes;
  for await (const { header, content: bytes } of tarEntries(tarIn(archive), signal)) {
    entries += 1;
    if (entries > MOST_ENTRIES) throw invalid(`it has more than ${MOST_ENTRIES} files`);
    const name = entryPath(header.name);
    if (name === null) throw invalid("a name leads out of it");
    if ((header.type === "symlink" || header.type === "link") && header.linkname) {
      const from = header.type === "symlink" ? path.posix.dirname(name) : "";
      files.link(name, path.posix.join(from, header.linkname));
    }
    if (header.type !== "file" && header.type !== "contiguous-file") continue;
    const file = await ingest(content, bytes, { limitBytes: left, signal });
    left -= file.blob.sizeBytes;
    files.add(name, file);
  }
  return files;
}

async function ingest(
  content: ContentStore,
  bytes: AsyncIterable<Uint8Array>,
  { limitBytes, signal }: LoadOptions,
): Promise<ArchiveFile> {
  let head: Uint8Array = new Uint8Array();
  let left = limitBytes;
  const watched = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      if (head.byteLength < 4) head = Buffer.concat([head, chunk.subarray(0, 4)]);
      left -= chunk.byteLength;
      if (left < 0)
        throw new SlipwayError("image-too-large", "The images take more room than the session has.");
      yield chunk;
    }
  };
  return { blob: await content.ingest(watched(), { limitBytes, signal }), head };
}

function invalid(why: string, cause?: unknown): SlipwayError {
  return new SlipwayError("image-invalid", `The archive can't be loaded: ${why}.`, { cause });
}
