import { z } from "zod";
import { digestSchema } from "./ids.ts";

/* What the control plane asks a worker about one of its images, named by the digest of the manifest. */

/** Most items of one list of an image's config that are told. */
export const MAX_CONFIG_ITEMS = 256;
/** Most layers of an image that are told of; overlayfs stacks fewer. */
export const MAX_IMAGE_LAYERS = 512;

const text = z.string().max(4096);
const list = z.array(text).max(MAX_CONFIG_ITEMS);

/** What an image's config says (config.md of the OCI image spec, and Docker's Healthcheck, Shell and OnBuild). Cut to bounds. */
export const imageAboutSchema = z.object({
  digest: digestSchema,
  imageId: digestSchema,
  architecture: text,
  os: text,
  created: text.nullable(),
  entrypoint: list.nullable(),
  cmd: list.nullable(),
  env: list,
  exposedPorts: list,
  user: text,
  workingDir: text,
  volumes: list,
  labels: z.array(z.object({ key: text, value: text })).max(MAX_CONFIG_ITEMS),
  stopSignal: text.nullable(),
  shell: list.nullable(),
  onBuild: list,
  /** Times are milliseconds; null is Docker's default. */
  healthcheck: z
    .object({
      test: list,
      intervalMs: z.number().nonnegative().nullable(),
      timeoutMs: z.number().nonnegative().nullable(),
      startPeriodMs: z.number().nonnegative().nullable(),
      retries: z.number().int().nonnegative().nullable(),
    })
    .nullable(),
  /** From the lowest up. */
  layers: z.array(z.object({ diffId: digestSchema, createdBy: text })).max(MAX_IMAGE_LAYERS),
  /** Instructions that made no layer, such as ENV and CMD, with the number of layers below each. */
  metadata: z
    .array(z.object({ above: z.number().int().nonnegative(), createdBy: text }))
    .max(MAX_CONFIG_ITEMS),
});
export type ImageAbout = z.infer<typeof imageAboutSchema>;

export const imageQueries = [z.object({ kind: z.literal("image-about"), image: digestSchema })] as const;
