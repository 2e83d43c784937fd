import { type Digest, SlipwayError } from "@slipway/protocol";
import { aboutImage } from "../image-store/about.ts";
import type { Image, ImageStore } from "../image-store/image-store.ts";
import type { Answerers } from "./query-desk.ts";

export interface AnswererParts {
  readonly images: ImageStore;
}

/** Who answers the questions of the control plane. It has checked who asks. */
export function createAnswerers({ images }: AnswererParts): Answerers {
  return {
    "image-about": async ({ image }) => aboutImage(await found(images, image)),
  };
}

async function found(images: ImageStore, digest: Digest): Promise<Image> {
  const image = await images.get(digest);
  if (image) return image;
  throw new SlipwayError("image-missing", `There is no image ${digest}.`, { params: { digest } });
}
