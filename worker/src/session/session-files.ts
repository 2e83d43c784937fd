import type { Readable } from "node:stream";
import { type Digest, type ImageSummary, SlipwayError } from "@slipway/protocol";
import type { Image, Lease, StoredLayer } from "../image-store/image-store.ts";
import { upperOf } from "./ground.ts";
import type { Launched } from "./launch.ts";
import { type Changes, checkSavedName, commitImage, packChanges, streamHeld } from "./packed-changes.ts";
import type { SessionParts } from "./parts.ts";

/** The files of one session, of which nobody writes any while `work` runs. */
export interface SessionFiles {
  readonly image: Digest;
  readonly args: readonly string[];
  /** Rejects with `session-not-running` or `session-files-gone` where there are none. */
  use<Result>(work: (files: Pick<Changes, "upper" | "signal">) => Promise<Result>): Promise<Result>;
}

/** All processes of a session stand still while `work` runs on its files; `signal` breaks it off. */
export async function frozen<Result>(
  { main, ground }: Launched,
  isPaused: boolean,
  signal: AbortSignal,
  work: (files: Pick<Changes, "upper" | "signal">) => Promise<Result>,
): Promise<Result> {
  if (!isPaused) await main.container.pause();
  try {
    return await work({ upper: upperOf(ground.disk), signal });
  } finally {
    // Where that fails, its processes have ended meanwhile.
    if (!isPaused) await main.container.resume().catch(() => {});
  }
}

/** See Sessions.saveImage. */
export async function saveFiles(
  parts: SessionParts,
  files: SessionFiles,
  name: string,
): Promise<ImageSummary> {
  checkSavedName(name);
  return await packed(parts, files, (image, layer) =>
    commitImage(parts.images, image, layer, name, files.args),
  );
}

/** See Sessions.exportChanges. */
export async function exportFiles(parts: SessionParts, files: SessionFiles): Promise<Readable> {
  const lease: Lease = parts.images.lease("held");
  try {
    return await packed(parts, files, async (_image, { digest }) => {
      lease.hold(digest);
      return await streamHeld(parts.content, digest, lease);
    });
  } catch (error) {
    lease.release();
    throw error;
  }
}

/** Packs all that was written. The lease holds image and layer until `work` has given the result an owner. */
async function packed<Result>(
  parts: SessionParts,
  files: SessionFiles,
  work: (image: Image, layer: StoredLayer) => Promise<Result>,
): Promise<Result> {
  const { images, content, snapshotter } = parts;
  await images.checkRoom();
  const lease = images.lease("used");
  try {
    const image = await images.get(files.image);
    if (!image) throw new SlipwayError("image-missing", "The image is not on this worker any more.");
    const lowers = image.snapshot === null ? [] : await snapshotter.layers(image.snapshot);
    const layer = await files.use((changes) => packChanges(content, { ...changes, lowers }));
    return await work(image, layer);
  } finally {
    lease.release();
  }
}
