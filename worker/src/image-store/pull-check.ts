import { SlipwayError } from "@slipway/protocol";
import {
  DOCKER_CONFIG,
  type ImageConfig,
  type ImageManifest,
  LAYER_FORMS,
  MEDIA_TYPE_CONFIG,
} from "../oci/image-spec.ts";
import { platformMissing } from "../registry/manifests.ts";
import { runsHere } from "../registry/platform.ts";
import { MAX_DOCUMENT_BYTES } from "../registry/registry.ts";

/** Layers of one image. overlayfs takes 500 lower directories, and Docker 127 layers. */
export const MOST_LAYERS = 256;

/** Throws for a manifest that can't be pulled: `image-invalid`, `image-too-large`. */
export function checkManifest(reference: string, manifest: ImageManifest, imageBytes: number): void {
  const { config, layers } = manifest;
  if (config.mediaType !== MEDIA_TYPE_CONFIG && config.mediaType !== DOCKER_CONFIG) {
    throw imageInvalid(
      reference,
      `it is no image, but has a config of type ${config.mediaType.slice(0, 100)}`,
    );
  }
  if (config.size > MAX_DOCUMENT_BYTES) throw imageInvalid(reference, "its config is too large");
  if (layers.length > MOST_LAYERS) throw imageInvalid(reference, `it has more than ${MOST_LAYERS} layers`);
  for (const { mediaType, urls } of layers) {
    if ((urls && urls.length > 0) || /foreign|nondistributable/.test(mediaType)) {
      throw imageInvalid(reference, "it has a layer that only its maker may hand out");
    }
    if (!LAYER_FORMS.has(mediaType)) {
      throw imageInvalid(reference, `it has a layer of the type ${mediaType.slice(0, 100)}`);
    }
  }
  const bytes = layers.reduce((sum, { size }) => sum + size, config.size);
  if (bytes <= imageBytes) return;
  const message = `${reference} has ${bytes} bytes, and images may have ${imageBytes} here.`;
  throw new SlipwayError("image-too-large", message, {
    params: { reference, bytes, limitBytes: imageBytes },
  });
}

/** Throws for a config that does not belong to the manifest or to this machine: `image-invalid`, `platform-missing`. */
export function checkConfig(reference: string, manifest: ImageManifest, config: ImageConfig): void {
  const diffIds = config.rootfs.diff_ids.length;
  if (diffIds !== manifest.layers.length) {
    throw imageInvalid(reference, `its config has ${diffIds} layers, its manifest ${manifest.layers.length}`);
  }
  const { os, architecture } = config;
  const variant = typeof config.variant === "string" ? config.variant : null;
  // Images of early tools say nothing.
  if (architecture === "" || runsHere({ os: os || "linux", architecture, variant })) return;
  throw platformMissing(reference, [`${os}/${architecture}${variant ? `/${variant}` : ""}`]);
}

export function imageInvalid(reference: string, reason: string, cause?: unknown): SlipwayError {
  return new SlipwayError("image-invalid", `${reference} can't be used: ${reason}.`, {
    params: { reference, reason },
    cause,
  });
}
