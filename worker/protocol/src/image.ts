import { z } from "zod";
import { digestSchema } from "./ids.ts";

/** What a page says of an image: its identity and the parts of its config that people ask about. */
export const imageSummarySchema = z.object({
  /** Digest of the manifest. */
  digest: digestSchema,
  /** Digest of the config, which Docker shows as the image id. */
  imageId: digestSchema,
  /** Sum of the unpacked layers. */
  sizeBytes: z.number().int().nonnegative(),
  layerCount: z.number().int().nonnegative(),
  env: z.array(z.string()),
  entrypoint: z.array(z.string()).nullable(),
  cmd: z.array(z.string()).nullable(),
  user: z.string(),
  workingDir: z.string(),
  /** As in the image config: `8080/tcp`. */
  exposedPorts: z.array(z.string()),
});
export type ImageSummary = z.infer<typeof imageSummarySchema>;

/** One layer of an image, with what made it. */
export const imageLayerSchema = z.object({
  /** Digest of the unpacked layer. */
  diffId: digestSchema,
  /** The instruction, from the image's history; "" where the history does not say. */
  createdBy: z.string().max(4096),
  /** Sum of the sizes of the files that the layer adds or replaces. */
  sizeBytes: z.number().int().nonnegative(),
  added: z.number().int().nonnegative(),
  changed: z.number().int().nonnegative(),
  removed: z.number().int().nonnegative(),
  /** Bytes of this layer that a later one replaces or removes: they are moved and stored, and nobody sees them. */
  wastedBytes: z.number().int().nonnegative(),
});
export type ImageLayer = z.infer<typeof imageLayerSchema>;

/** What a layer does to one path. */
export const layerEntrySchema = z.object({
  /** Without a leading slash. */
  path: z.string().max(4096),
  change: z.enum(["added", "changed", "removed"]),
  kind: z.enum(["file", "directory", "symlink", "hardlink", "device", "fifo"]),
  sizeBytes: z.number().int().nonnegative(),
  mode: z.number().int().nonnegative(),
  uid: z.number().int().nonnegative(),
  gid: z.number().int().nonnegative(),
  /** Where a symbolic or a hard link leads; "" for others. */
  target: z.string().max(4096),
});
export type LayerEntry = z.infer<typeof layerEntrySchema>;
