import type { ImageSummary } from "@slipway/protocol";
import type { Image } from "./image-store.ts";

/** What pages say of an image. */
export function summaryOf(image: Image): ImageSummary {
  const config = image.config.config ?? {};
  return {
    digest: image.digest,
    imageId: image.imageId,
    sizeBytes: image.sizeBytes,
    layerCount: image.layers.length,
    env: config.Env ?? [],
    entrypoint: config.Entrypoint ?? null,
    cmd: config.Cmd ?? null,
    user: config.User ?? "",
    workingDir: config.WorkingDir ?? "",
    exposedPorts: Object.keys(config.ExposedPorts ?? {}).sort(),
  };
}
