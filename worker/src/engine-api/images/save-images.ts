import type { Digest } from "@slipway/protocol";
import type { ContentStore } from "../../content/content-store.ts";
import { hexOf } from "../../content/digest.ts";
import type { Image } from "../../image-store/image-store.ts";
import { parseReference } from "../../image-store/reference.ts";
import { encodeTarHeader, TAR_END, tarPadding } from "../../layer/tar-encoder.ts";
import { MEDIA_TYPE_INDEX, MEDIA_TYPE_MANIFEST } from "../../oci/image-spec.ts";

export interface SavedImage {
  readonly image: Image;
  /** Full names that the archive gives it. */
  readonly names: readonly string[];
}

const blobPath = (digest: string): string => `blobs/sha256/${hexOf(digest as Digest)}`;

/**
 * The images as `docker save` writes them: an OCI image layout with the manifest.json of older daemons beside it, as Docker
 * itself has done since version 25. Each blob is in it once.
 */
export async function* savedImages(
  content: ContentStore,
  saved: readonly SavedImage[],
): AsyncGenerator<Uint8Array> {
  const written = new Set<Digest>();
  for (const directory of ["blobs/", "blobs/sha256/"]) yield entry(directory, 0);
  for (const { image } of saved) {
    const digests = [...image.layers.map(({ digest }) => digest), image.imageId, image.digest];
    for (const digest of digests) {
      if (written.has(digest)) continue;
      written.add(digest);
      yield* blob(content, digest);
    }
  }
  yield* file("index.json", indexOf(saved));
  yield* file("manifest.json", manifestOf(saved));
  yield* file("oci-layout", JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  yield TAR_END;
}

async function* blob(content: ContentStore, digest: Digest): AsyncGenerator<Uint8Array> {
  const bytes = (await content.size(digest)) ?? 0;
  yield entry(blobPath(digest), bytes);
  yield* (await content.stream(digest)) as AsyncIterable<Uint8Array>;
  yield tarPadding(bytes);
}

function* file(path: string, text: string): Generator<Uint8Array> {
  const bytes = Buffer.from(text);
  yield entry(path, bytes.byteLength);
  yield bytes;
  yield tarPadding(bytes.byteLength);
}

/** The same images give the same archive: it has no times. */
function entry(path: string, sizeBytes: number): Uint8Array {
  const isDirectory = path.endsWith("/");
  return encodeTarHeader({
    path: path.replace(/\/$/, ""),
    type: isDirectory ? "directory" : "file",
    mode: isDirectory ? 0o755 : 0o644,
    uid: 0,
    gid: 0,
    mtimeSeconds: 0,
    sizeBytes,
  });
}

function indexOf(saved: readonly SavedImage[]): string {
  const manifests = saved.flatMap(({ image, names }) => {
    const descriptor = {
      mediaType: image.manifest.mediaType ?? MEDIA_TYPE_MANIFEST,
      digest: image.digest,
      size: Buffer.byteLength(JSON.stringify(image.manifest)),
    };
    const named = names.map((name) => ({
      ...descriptor,
      annotations: {
        "io.containerd.image.name": name,
        "org.opencontainers.image.ref.name": parseReference(name).tag ?? "latest",
      },
    }));
    return named.length === 0 ? [descriptor] : named;
  });
  return JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE_INDEX, manifests });
}

function manifestOf(saved: readonly SavedImage[]): string {
  return JSON.stringify(
    saved.map(({ image, names }) => ({
      Config: blobPath(image.imageId),
      RepoTags: names.length === 0 ? null : names.map((name) => parseReference(name).familiar),
      Layers: image.layers.map(({ digest }) => blobPath(digest)),
    })),
  );
}
