import { digestSchema } from "@slipway/protocol";
import { z } from "zod";

/* The parts of the OCI image spec 1.0 that Slipway reads and writes. Unknown fields are kept. */

export const MEDIA_TYPE_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
export const MEDIA_TYPE_INDEX = "application/vnd.oci.image.index.v1+json";
export const MEDIA_TYPE_CONFIG = "application/vnd.oci.image.config.v1+json";
export const MEDIA_TYPE_LAYER = "application/vnd.oci.image.layer.v1.tar";
export const MEDIA_TYPE_LAYER_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";
export const MEDIA_TYPE_LAYER_ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd";

/* Docker's words for the same things (distribution, "Image Manifest Version 2, Schema 2"). */
export const DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
export const DOCKER_MANIFEST_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
export const DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";
export const DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar";
export const DOCKER_LAYER_GZIP = "application/vnd.docker.image.rootfs.diff.tar.gzip";
export const DOCKER_LAYER_ZSTD = "application/vnd.docker.image.rootfs.diff.tar.zstd";

export type LayerForm = "tar" | "gzip" | "zstd";

/** How a layer of each media type is packed; one that is not here is no layer that can be had from a registry. */
export const LAYER_FORMS: ReadonlyMap<string, LayerForm> = new Map([
  [MEDIA_TYPE_LAYER, "tar"],
  [MEDIA_TYPE_LAYER_GZIP, "gzip"],
  [MEDIA_TYPE_LAYER_ZSTD, "zstd"],
  [DOCKER_LAYER, "tar"],
  [DOCKER_LAYER_GZIP, "gzip"],
  [DOCKER_LAYER_ZSTD, "zstd"],
]);

/** The OCI media type of each form. */
export const OCI_LAYERS: Readonly<Record<LayerForm, string>> = {
  tar: MEDIA_TYPE_LAYER,
  gzip: MEDIA_TYPE_LAYER_GZIP,
  zstd: MEDIA_TYPE_LAYER_ZSTD,
};

/** descriptor.md */
export const descriptorSchema = z.looseObject({
  mediaType: z.string(),
  digest: digestSchema,
  size: z.number().int().nonnegative(),
  annotations: z.record(z.string(), z.string()).nullish(),
  /** Where else the content is; for layers that may not be handed on. */
  urls: z.array(z.string()).nullish(),
  /** image-index.md */
  platform: z
    .looseObject({
      architecture: z.string(),
      os: z.string(),
      variant: z.string().nullish(),
    })
    .nullish(),
});
export type Descriptor = z.infer<typeof descriptorSchema>;

/** manifest.md */
export const imageManifestSchema = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  config: descriptorSchema,
  layers: z.array(descriptorSchema),
});
export type ImageManifest = z.infer<typeof imageManifestSchema>;

/** image-index.md; `index.json` of an image layout is one. */
export const imageIndexSchema = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  manifests: z.array(descriptorSchema),
});
export type ImageIndex = z.infer<typeof imageIndexSchema>;

/** config.md, "execution parameters". Field names are the spec's. */
export const executionConfigSchema = z.looseObject({
  User: z.string().optional(),
  ExposedPorts: z.record(z.string(), z.looseObject({})).optional(),
  Env: z.array(z.string()).optional(),
  Entrypoint: z.array(z.string()).nullish(),
  Cmd: z.array(z.string()).nullish(),
  Volumes: z.record(z.string(), z.looseObject({})).optional(),
  WorkingDir: z.string().optional(),
  Labels: z.record(z.string(), z.string()).optional(),
  StopSignal: z.string().optional(),
});
export type ExecutionConfig = z.infer<typeof executionConfigSchema>;

/** config.md */
export const imageConfigSchema = z.looseObject({
  created: z.string().optional(),
  architecture: z.string(),
  os: z.string(),
  config: executionConfigSchema.optional(),
  rootfs: z.object({ type: z.literal("layers"), diff_ids: z.array(digestSchema) }),
  history: z
    .array(
      z.looseObject({
        created: z.string().optional(),
        created_by: z.string().optional(),
        comment: z.string().optional(),
        empty_layer: z.boolean().optional(),
      }),
    )
    .optional(),
});
export type ImageConfig = z.infer<typeof imageConfigSchema>;
