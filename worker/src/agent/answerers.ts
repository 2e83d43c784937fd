import { statfs } from "node:fs/promises";
import {
  type Digest,
  type SessionHostView,
  type SessionId,
  SlipwayError,
  type WorkerDisk,
} from "@slipway/protocol";
import { aboutImage } from "../image-store/about.ts";
import type { Image, ImageStore } from "../image-store/image-store.ts";
import type { Sessions } from "../session/session.ts";
import type { Answerers } from "./query-desk.ts";

export interface AnswererParts {
  /** On the disk that everything of the worker is kept on. */
  readonly directory: string;
  readonly images: ImageStore;
  readonly sessions: Sessions;
  /** What docker has made in a session. @throws session-not-running */
  readonly hostView: (session: SessionId) => Promise<SessionHostView>;
  /** Manifest of an image of it. @throws session-not-running, image-missing */
  readonly hostImage: (session: SessionId, imageId: Digest) => Promise<Digest>;
}

/** Who answers the questions of the control plane. It has checked who asks. */
export function createAnswerers({
  directory,
  images,
  sessions,
  hostView,
  hostImage,
}: AnswererParts): Answerers {
  const { view } = images;
  return {
    "worker-disk": () => diskOf(directory),
    "image-about": async ({ image }) => aboutImage(await found(images, image)),
    "image-layers": async ({ image: digest }) => {
      const image = await found(images, digest);
      return { layers: await view.layers(image), wasted: await view.wasted(image) };
    },
    "image-directory": async ({ image, layer, path, ...window }) =>
      await view.directory(await found(images, image), layer, path, window),
    "image-path": async ({ image, path }) => await view.history(await found(images, image), path),
    "image-search": async ({ image, layer, text }, signal) =>
      await view.search(await found(images, image), layer, text, signal),
    "image-file": async ({ image, layer, path, offset }) =>
      await view.filePart(await found(images, image), layer, path, offset),
    "image-comparison": async ({ image, other }) =>
      await view.compare(await found(images, image), await found(images, other)),
    "image-differences": async ({ image, other, ...page }) =>
      await view.differences(await found(images, image), await found(images, other), page),
    "session-host": ({ session }) => hostView(session),
    "session-image": async ({ session, imageId }) => ({ digest: await hostImage(session, imageId) }),
    "session-inside": ({ session }) => sessions.inside(session),
    "session-usage": ({ session }) => sessions.usage(session),
  };
}

async function diskOf(directory: string): Promise<WorkerDisk> {
  const { bsize, blocks, bavail } = await statfs(directory);
  return { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
}

async function found(images: ImageStore, digest: Digest): Promise<Image> {
  const image = await images.get(digest);
  if (image) return image;
  throw new SlipwayError("image-missing", `There is no image ${digest}.`, { params: { digest } });
}
