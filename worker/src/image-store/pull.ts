import { type Digest, SlipwayError } from "@slipway/protocol";
import type { ContentStore } from "../content/content-store.ts";
import { digestOf } from "../content/digest.ts";
import {
  type Descriptor,
  type ImageConfig,
  type ImageManifest,
  imageConfigSchema,
  MEDIA_TYPE_CONFIG,
  MEDIA_TYPE_LAYER,
  MEDIA_TYPE_MANIFEST,
} from "../oci/image-spec.ts";
import type { BlobDownloads } from "../registry/blob-downloads.ts";
import type { Connection } from "../registry/connection.ts";
import { askDigest, type FetchedManifest, fetchManifest } from "../registry/manifests.ts";
import { MAX_DOCUMENT_BYTES } from "../registry/registry.ts";
import { Slots } from "../registry/slots.ts";
import type { Image, ImageStore, StoredLayer } from "./image-store.ts";
import { parseJson } from "./index-file.ts";
import { checkConfig, checkManifest, imageInvalid } from "./pull-check.ts";
import type { LayerProgress } from "./pull-progress.ts";
import type { Reference } from "./reference.ts";
import type { WireRecords } from "./wire-records.ts";

/** Layers of one image that arrive at the same time. */
const LAYERS_AT_ONCE = 4;

export interface PullParts {
  readonly images: ImageStore;
  readonly content: ContentStore;
  readonly downloads: BlobDownloads;
  readonly records: WireRecords;
  /** Largest image: config and layers as they come over the wire. */
  readonly imageBytes: number;
}

/** Pulls an image through one connection. See ImageTransfer.pull; a missing image is `image-missing`. */
export async function pullImage(
  parts: PullParts,
  connection: Connection,
  reference: Reference,
  progress: LayerProgress,
  signal: AbortSignal,
): Promise<Image> {
  const current = await unchangedImage(parts, connection, reference, progress, signal);
  if (current) return current;
  const asked = reference.digest ?? reference.tag ?? "latest";
  const fetched = await fetchManifest(connection, asked, signal);
  checkManifest(reference.familiar, fetched.manifest, parts.imageBytes);
  const config = await fetchConfig(parts, connection, reference, fetched.manifest, signal);
  const layers = await localLayers(parts, fetched.manifest, config);
  await fetchLayers(parts, connection, layers, progress, signal);
  const digest = await storeManifest(parts.content, fetched, layers);
  const image = await parts.images.get(digest);
  if (!image) throw imageInvalid(reference.familiar, "it is gone");
  await name(parts, connection, reference, image, fetched.source);
  // A mirror may call the repository otherwise, and nothing is pushed to it.
  for (const { digest: blob } of connection.endpoint.mirror ? [] : fetched.manifest.layers) {
    await parts.records.addRepository(reference.domain, blob, connection.repository);
  }
  return image;
}

/** The image of this name, where the registry says that it is still the one; a name of nobody here is not asked for. */
async function unchangedImage(
  parts: PullParts,
  connection: Connection,
  reference: Reference,
  progress: LayerProgress,
  signal: AbortSignal,
): Promise<Image | null> {
  const { images } = parts;
  const noted = images.pulled(reference.full);
  if (!noted) return null;
  const asked = reference.digest ?? reference.tag ?? "latest";
  if ((await askDigest(connection, asked, signal)) !== noted.source) return null;
  const image = await images.resolve(reference.full);
  if (!image) return null;
  for (const layer of image.layers) progress.set(layer, "present");
  await name(parts, connection, reference, image, noted.source);
  return image;
}

async function name(
  { images }: PullParts,
  connection: Connection,
  reference: Reference,
  image: Image,
  source: Digest,
): Promise<void> {
  const noted = images.pulled(reference.full);
  // What a mirror hands out is the operator's to hand out, and what somebody got without a login is everybody's.
  const wasOpen = noted?.source === source && !noted.private;
  const isPrivate = connection.authenticated && !connection.endpoint.mirror && !wasOpen;
  const current = await images.resolve(reference.full);
  if (current?.digest === image.digest && noted?.source === source && noted.private === isPrivate) return;
  await images.tag(reference.full, image.digest, { pulled: { source, private: isPrivate } });
}

async function fetchConfig(
  { content, downloads }: PullParts,
  connection: Connection,
  reference: Reference,
  manifest: ImageManifest,
  signal: AbortSignal,
): Promise<ImageConfig> {
  const blob = { digest: manifest.config.digest, sizeBytes: manifest.config.size };
  await downloads.fetch(connection, blob, () => {}, signal);
  const bytes = await content.bytes(blob.digest, MAX_DOCUMENT_BYTES);
  const parsed = imageConfigSchema.safeParse(parseJson(Buffer.from(bytes).toString("utf8")));
  if (!parsed.success) {
    throw imageInvalid(reference.familiar, "its config can't be read", parsed.error);
  }
  checkConfig(reference.familiar, manifest, parsed.data);
  return parsed.data;
}

/** A layer of a manifest, and the blob that holds it here. */
interface LocalLayer {
  readonly announced: Descriptor;
  readonly stored: StoredLayer;
}

/** Layers that went out of here compressed are stored as they are: those are taken, and nothing moves. */
async function localLayers(
  { content, records }: PullParts,
  manifest: ImageManifest,
  config: ImageConfig,
): Promise<LocalLayer[]> {
  return await Promise.all(
    manifest.layers.map(async (announced, index) => {
      const diffId = config.rootfs.diff_ids[index] as Digest;
      const asAnnounced = {
        digest: announced.digest,
        diffId,
        sizeBytes: announced.size,
        mediaType: announced.mediaType,
      };
      if ((await content.size(announced.digest)) !== null) return { announced, stored: asAnnounced };
      const same = (await records.layerOf(announced.digest)) === diffId;
      const sizeBytes = same ? await content.size(diffId) : null;
      if (sizeBytes === null) return { announced, stored: asAnnounced };
      return { announced, stored: { digest: diffId, diffId, sizeBytes, mediaType: MEDIA_TYPE_LAYER } };
    }),
  );
}

/** Layers arrive side by side and are unpacked in their order, each as soon as all below it are. */
async function fetchLayers(
  { downloads, images }: PullParts,
  connection: Connection,
  layers: readonly LocalLayer[],
  progress: LayerProgress,
  outer: AbortSignal,
): Promise<void> {
  const failing = new AbortController();
  const signal = AbortSignal.any([outer, failing.signal]);
  const slots = new Slots(LAYERS_AT_ONCE);
  const shown = ({ announced: { digest, size } }: LocalLayer) => ({ digest, sizeBytes: size });
  const arrivals = new Map<Digest, Promise<"done" | "present">>();
  for (const layer of layers) {
    const { stored } = layer;
    if (arrivals.has(stored.digest)) continue;
    progress.set(shown(layer), "waiting");
    const arrive = async () => {
      if (await downloads.has(stored)) return "present" as const;
      const onBytes = (received: number) => progress.set(shown(layer), "downloading", received);
      await slots.run(signal, () => downloads.fetch(connection, stored, onBytes, signal));
      return "done" as const;
    };
    const arrival = arrive();
    arrival.catch((error: unknown) => failing.abort(error));
    arrivals.set(stored.digest, arrival);
  }
  try {
    for (const [index, layer] of layers.entries()) {
      const state = await arrivals.get(layer.stored.digest);
      if (state === "done") progress.set(shown(layer), "unpacking");
      await images.unpack(layers.slice(0, index + 1).map(({ stored }) => stored));
      outer.throwIfAborted();
      progress.set(shown(layer), state ?? "done");
    }
  } catch (error) {
    failing.abort(error);
    await Promise.allSettled(arrivals.values());
    throw failing.signal.reason;
  }
}

/** The manifest as the registry has it; one of our own where a layer is stored in another form than it came in. */
async function storeManifest(
  content: ContentStore,
  fetched: FetchedManifest,
  layers: readonly LocalLayer[],
): Promise<Digest> {
  const same = layers.every(({ announced, stored }) => announced.digest === stored.digest);
  if (same) return (await content.put(fetched.bytes)).digest;
  const { config } = fetched.manifest;
  // In the form of ImageStore.create, so that an image that comes back is the one that went.
  const manifest: ImageManifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE_MANIFEST,
    config: { mediaType: MEDIA_TYPE_CONFIG, digest: config.digest, size: config.size },
    layers: layers.map(({ stored }) => ({
      mediaType: stored.mediaType,
      digest: stored.digest,
      size: stored.sizeBytes,
    })),
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  await content.put(bytes);
  return digestOf(bytes);
}

/** True for an error of one place that says nothing of the next one. */
export function mayBeElsewhere(error: unknown): boolean {
  if (!(error instanceof SlipwayError)) return false;
  return (
    error.code.startsWith("registry-") ||
    error.code === "image-missing" ||
    error.code === "image-invalid" ||
    error.code === "platform-missing"
  );
}
