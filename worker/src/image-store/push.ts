import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { ContentStore } from "../content/content-store.ts";
import { Digester, digestOf } from "../content/digest.ts";
import {
  type Descriptor,
  type ImageManifest,
  LAYER_FORMS,
  MEDIA_TYPE_CONFIG,
  MEDIA_TYPE_LAYER_GZIP,
  MEDIA_TYPE_MANIFEST,
  OCI_LAYERS,
} from "../oci/image-spec.ts";
import type { Connection } from "../registry/connection.ts";
import { type AnnouncedBlob, MAX_DOCUMENT_BYTES } from "../registry/registry.ts";
import { Slots } from "../registry/slots.ts";
import { type BlobSource, fileSource, hasBlob, putManifest, sendBlob } from "../registry/upload.ts";
import type { Image, StoredLayer } from "./image-store.ts";
import type { PushedImage } from "./image-transfer.ts";
import type { LayerProgress } from "./pull-progress.ts";
import type { Reference } from "./reference.ts";
import type { WireRecords } from "./wire-records.ts";

/** Layers of one image that are sent at the same time. */
const LAYERS_AT_ONCE = 3;

export interface PushParts {
  readonly content: ContentStore;
  readonly records: WireRecords;
  /** For layers while they are compressed and sent; emptied at start. */
  readonly directory: string;
}

interface Sending {
  readonly parts: PushParts;
  readonly connection: Connection;
  readonly reference: Reference;
  readonly progress: LayerProgress;
  readonly signal: AbortSignal;
}

/** Sends an image through one connection. See ImageTransfer.push. */
export async function pushImage(image: Image, sending: Sending): Promise<PushedImage> {
  const { parts, connection, reference, signal } = sending;
  const slots = new Slots(LAYERS_AT_ONCE);
  const once = new Map<string, Promise<Descriptor>>();
  for (const layer of image.layers) {
    if (!once.has(layer.digest))
      once.set(
        layer.digest,
        slots.run(signal, () => sendLayer(layer, sending)),
      );
  }
  const sent = await allOf(image.layers.map((layer) => once.get(layer.digest) as Promise<Descriptor>));
  const config = await parts.content.bytes(image.imageId, MAX_DOCUMENT_BYTES);
  await sendConfig(image, config, sending);
  const { bytes, mediaType } = await wireManifest(parts, image, sent);
  const digest = digestOf(bytes);
  await putManifest(connection, reference.tag ?? digest, mediaType, bytes, digest, signal);
  const sizeBytes = sent.reduce((sum, { size }) => sum + size, config.byteLength);
  return { digest, sizeBytes, manifestBytes: bytes.byteLength };
}

/** Waits for all to end, so that nothing goes on behind the back of who is told of the first failure. */
async function allOf<Value>(promises: readonly Promise<Value>[]): Promise<Value[]> {
  await Promise.allSettled(promises);
  return await Promise.all(promises);
}

/** The layer as the registry has it now. */
async function sendLayer(layer: StoredLayer, sending: Sending): Promise<Descriptor> {
  const form = LAYER_FORMS.get(layer.mediaType) ?? "tar";
  if (form === "tar") return await sendCompressed(layer, sending);
  await send(layer, streamSource(sending.parts.content, layer), sending);
  return { mediaType: OCI_LAYERS[form], digest: layer.digest, size: layer.sizeBytes };
}

/**
 * Layers that are made here are stored as they are, and sent as gzip. What came out is written down, so the next push knows
 * what to ask for without compressing anything.
 */
async function sendCompressed(layer: StoredLayer, sending: Sending): Promise<Descriptor> {
  const { parts, connection, signal, progress } = sending;
  const known = await parts.records.compressed(layer.diffId);
  if (known && (await hasBlob(connection, known, signal))) {
    progress.set(known, "present");
    return gzipped(known);
  }
  const file = path.join(parts.directory, randomUUID());
  try {
    const blob = await compress(parts.content, layer, file, signal);
    await parts.records.setCompressed(layer.diffId, blob);
    await send(blob, fileSource(file), sending);
    return gzipped(blob);
  } finally {
    await rm(file, { force: true });
  }
}

const gzipped = ({ digest, sizeBytes }: AnnouncedBlob): Descriptor => ({
  mediaType: MEDIA_TYPE_LAYER_GZIP,
  digest,
  size: sizeBytes,
});

/** zlib writes no time and no name, so the same layer gives the same bytes. */
async function compress(
  content: ContentStore,
  layer: StoredLayer,
  file: string,
  signal: AbortSignal,
): Promise<AnnouncedBlob> {
  await pipeline(
    await content.stream(layer.digest),
    createGzip(),
    createWriteStream(file, { flags: "wx", mode: 0o600 }),
    { signal },
  );
  const digester = new Digester();
  for await (const chunk of createReadStream(file)) digester.update(chunk as Uint8Array);
  return { digest: digester.digest(), sizeBytes: digester.sizeBytes };
}

async function send(blob: AnnouncedBlob, source: BlobSource, sending: Sending): Promise<void> {
  const { parts, connection, reference, progress, signal } = sending;
  const { domain } = reference;
  progress.set(blob, "waiting");
  if (await hasBlob(connection, blob, signal)) {
    progress.set(blob, "present");
  } else {
    const others = await parts.records.repositories(domain, blob.digest);
    const from = others.find((repository) => repository !== connection.repository) ?? null;
    const onBytes = (bytes: number) => progress.set(blob, "downloading", bytes);
    const how = await sendBlob(connection, blob, source, from, onBytes, signal);
    progress.set(blob, how === "mounted" ? "present" : "done");
  }
  await parts.records.addRepository(domain, blob.digest, connection.repository);
}

async function sendConfig(image: Image, bytes: Uint8Array, sending: Sending): Promise<void> {
  const { connection, signal } = sending;
  const blob = { digest: image.imageId, sizeBytes: bytes.byteLength };
  if (await hasBlob(connection, blob, signal)) return;
  const source: BlobSource = async function* (start) {
    yield bytes.subarray(start);
  };
  await sendBlob(connection, blob, source, null, () => {}, signal);
}

/** The manifest as it was pulled, where nothing of the image is stored in another form than it is sent in. */
async function wireManifest(
  { content }: PushParts,
  image: Image,
  sent: readonly Descriptor[],
): Promise<{ bytes: Uint8Array; mediaType: string }> {
  const stored = image.manifest.mediaType;
  if (stored && sent.every(({ digest }, index) => digest === image.layers[index]?.digest)) {
    return { bytes: await content.bytes(image.digest, MAX_DOCUMENT_BYTES), mediaType: stored };
  }
  const { config, annotations } = image.manifest;
  const manifest: ImageManifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE_MANIFEST,
    config: { mediaType: MEDIA_TYPE_CONFIG, digest: config.digest, size: config.size },
    layers: [...sent],
    ...(annotations ? { annotations } : {}),
  };
  return { bytes: Buffer.from(JSON.stringify(manifest)), mediaType: MEDIA_TYPE_MANIFEST };
}

/** A blob of the store from any byte on; what comes before is read and left out. */
function streamSource(content: ContentStore, { digest }: AnnouncedBlob): BlobSource {
  return async function* (start) {
    let position = 0;
    for await (const chunk of (await content.stream(digest)) as AsyncIterable<Uint8Array>) {
      const skipped = Math.max(0, start - position);
      position += chunk.byteLength;
      if (skipped < chunk.byteLength) yield chunk.subarray(skipped);
    }
  };
}
