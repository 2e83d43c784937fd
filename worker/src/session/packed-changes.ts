import type { Readable } from "node:stream";
import { type Digest, type ImageSummary, SlipwayError } from "@slipway/protocol";
import type { ContentStore } from "../content/content-store.ts";
import type { Image, ImageStore, Lease, StoredLayer } from "../image-store/image-store.ts";
import { parseReference } from "../image-store/reference.ts";
import { summaryOf } from "../image-store/summary.ts";
import { diffUpper } from "../layer/diff.ts";
import { LAYER_LIMITS } from "../layer/layer.ts";
import { TAR_END } from "../layer/tar-encoder.ts";
import { MEDIA_TYPE_LAYER } from "../oci/image-spec.ts";

/** Repositories of playgrounds, which no build of another one may start from. */
const OWN_REPOSITORY = /^slipway\/[a-z0-9]/;

/** A session's writable layer while nobody writes to it. */
export interface Changes {
  readonly upper: string;
  readonly lowers: readonly string[];
  readonly signal?: AbortSignal;
}

/**
 * What a session has written, as a layer in the content store, which no image has yet. A session that has written nothing gives
 * a layer without entries, as a build step does.
 */
export async function packChanges(
  content: ContentStore,
  { upper, lowers, signal }: Changes,
): Promise<StoredLayer> {
  const limits = { content, limits: LAYER_LIMITS, ...(signal ? { signal } : {}) };
  const { digest, sizeBytes } = (await diffUpper(upper, lowers, limits)) ?? (await content.put(TAR_END));
  return { digest, diffId: digest, sizeBytes, mediaType: MEDIA_TYPE_LAYER };
}

/** Throws `request-invalid` unless the name is one that the images of a playground have. */
export function checkSavedName(name: string): void {
  const { domain, repository, digest } = parseReference(name);
  if (domain === "docker.io" && OWN_REPOSITORY.test(repository) && digest === null) return;
  throw new SlipwayError("request-invalid", `An image of a session is called slipway/<name>, not ${name}.`);
}

/** `base` with one more layer, under a name; config and history as `docker commit` makes them. */
export async function commitImage(
  images: ImageStore,
  base: Image,
  layer: StoredLayer,
  name: string,
  command: readonly string[],
): Promise<ImageSummary> {
  const created = new Date().toISOString();
  const { config } = base;
  const image = await images.create(
    {
      ...config,
      created,
      rootfs: { type: "layers", diff_ids: [...config.rootfs.diff_ids, layer.diffId] },
      // What the container ran stands where a build has its instruction (moby, daemon/commit.go).
      history: [...(config.history ?? []), { created, created_by: command.join(" ") }],
    },
    [...base.layers, layer],
  );
  await images.tag(name, image.digest);
  return summaryOf(image);
}

/** A blob of the content store as a stream that holds `lease` until it ends or is destroyed. */
export async function streamHeld(content: ContentStore, digest: Digest, lease: Lease): Promise<Readable> {
  const stream: Readable = await content.stream(digest);
  stream.once("close", () => lease.release());
  return stream;
}
