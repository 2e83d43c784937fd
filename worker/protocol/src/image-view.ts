import { z } from "zod";
import { digestSchema } from "./ids.ts";
import { imageLayerSchema, layerEntrySchema } from "./image.ts";

/* What the control plane asks a worker about one of its images, named by the digest of the manifest. */

/** Most items of one list of an image's config that are told. */
export const MAX_CONFIG_ITEMS = 256;
/** Most layers of an image that are told of; overlayfs stacks fewer. */
export const MAX_IMAGE_LAYERS = 512;
/** Most entries of one page of a directory or of differences. */
export const MAX_PAGE_ENTRIES = 500;
/** Files of one image that are named for the bytes they waste, the worst first. */
export const MAX_WASTED_FILES = 100;
/** Paths that a search finds at most. */
export const MAX_SEARCH_HITS = 200;
/** Bytes of a file in one answer. */
export const MAX_FILE_PART_BYTES = 256 * 1024;

const text = z.string().max(4096);
const list = z.array(text).max(MAX_CONFIG_ITEMS);
const count = z.number().int().nonnegative();
/** Without a slash at either end; "" is the root. Bytes that are no UTF-8 are the lone surrogates U+DC80 … U+DCFF. */
export const imagePathSchema = z.string().max(4096);

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
      retries: count.nullable(),
    })
    .nullable(),
  /** From the lowest up. */
  layers: z.array(z.object({ diffId: digestSchema, createdBy: text })).max(MAX_IMAGE_LAYERS),
  /** Instructions that made no layer, such as ENV and CMD, with the number of layers below each. */
  metadata: z.array(z.object({ above: count, createdBy: text })).max(MAX_CONFIG_ITEMS),
});
export type ImageAbout = z.infer<typeof imageAboutSchema>;

/** A file of which copies are in the image that nobody sees, because a later layer has replaced or removed them. */
export const wastedFileSchema = z.object({
  path: imagePathSchema,
  /** Of all lost copies together. */
  wastedBytes: count,
  copies: count,
  /** Layer of the first lost copy, and the layer that lost the last one. */
  writtenBy: count,
  lostTo: count,
  isRemoved: z.boolean(),
});
export type WastedFile = z.infer<typeof wastedFileSchema>;

export const imageLayersSchema = z.object({
  layers: z.array(imageLayerSchema).max(MAX_IMAGE_LAYERS),
  wasted: z.array(wastedFileSchema).max(MAX_WASTED_FILES),
});
export type ImageLayers = z.infer<typeof imageLayersSchema>;

const facts = layerEntrySchema.omit({ path: true, change: true }).shape;

/** One name of a directory as it is with all layers up to one. */
export const directoryEntrySchema = z.object({
  name: z.string().max(255),
  ...facts,
  /** The topmost layer that has it; for what this layer removed, the one that had it before. */
  layer: count,
  /** What the layer does to it; `inside`: a directory in which the layer has something. */
  change: z.enum(["added", "changed", "removed", "inside"]).nullable(),
});
export type DirectoryEntry = z.infer<typeof directoryEntrySchema>;

/** Directories first, each kind by name. Names that the layer removed are among them. */
export const directoryPageSchema = z.object({
  total: count,
  entries: z.array(directoryEntrySchema).max(MAX_PAGE_ENTRIES),
});
export type DirectoryPage = z.infer<typeof directoryPageSchema>;

/** What one layer did to a path. */
export const pathStepSchema = z.object({
  layer: count,
  change: z.enum(["added", "changed", "removed"]),
  ...facts,
});
export type PathStep = z.infer<typeof pathStepSchema>;

export const searchHitSchema = z.object({
  path: imagePathSchema,
  kind: facts.kind,
  sizeBytes: count,
  /** The layer that wrote it last, or removed it. */
  layer: count,
  isPresent: z.boolean(),
});
export type SearchHit = z.infer<typeof searchHitSchema>;

export const searchResultSchema = z.object({
  hits: z.array(searchHitSchema).max(MAX_SEARCH_HITS),
  /** There are more than are told. */
  hasMore: z.boolean(),
});
export type SearchResult = z.infer<typeof searchResultSchema>;

export const filePartSchema = z.object({
  sizeBytes: count,
  offset: count,
  base64: z.string().max(Math.ceil(MAX_FILE_PART_BYTES / 3) * 4),
});
export type FilePart = z.infer<typeof filePartSchema>;

const total = z.object({ paths: count, bytes: count });

/** What is different in the files of two images, from the first to the second. */
export const imageComparisonSchema = z.object({
  /** Layers from the lowest up that both have. */
  sharedLayers: count,
  layersBefore: count,
  layersAfter: count,
  added: total,
  removed: total,
  changed: z.object({ paths: count, bytesBefore: count, bytesAfter: count }),
  /** Files of the same size that were too many bytes to be read. */
  uncompared: count,
});
export type ImageComparison = z.infer<typeof imageComparisonSchema>;

export const imageDifferenceSchema = z.object({
  path: imagePathSchema,
  change: z.enum(["added", "changed", "removed"]),
  kind: facts.kind,
  /** null where it is not there. */
  bytesBefore: count.nullable(),
  bytesAfter: count.nullable(),
});
export type ImageDifference = z.infer<typeof imageDifferenceSchema>;

const image = digestSchema;
const limit = z.number().int().min(1).max(MAX_PAGE_ENTRIES);

export const imageQueries = [
  z.object({ kind: z.literal("image-about"), image }),
  z.object({ kind: z.literal("image-layers"), image }),
  z.object({
    kind: z.literal("image-directory"),
    image,
    /** 0 is the lowest. */
    layer: count,
    path: imagePathSchema,
    /** Leaves out what the layer does nothing to. */
    onlyChanges: z.boolean(),
    offset: count,
    limit,
  }),
  z.object({ kind: z.literal("image-path"), image, path: imagePathSchema }),
  z.object({ kind: z.literal("image-search"), image, layer: count, text: z.string().min(1).max(255) }),
  z.object({ kind: z.literal("image-file"), image, layer: count, path: imagePathSchema, offset: count }),
  z.object({ kind: z.literal("image-comparison"), image, other: image }),
  z.object({
    kind: z.literal("image-differences"),
    image,
    other: image,
    /** Path of the last one of the page before; "" for the first page. */
    after: imagePathSchema,
    limit,
  }),
] as const;

/** What each is answered with. */
export const imageAnswerSchemas = {
  "image-about": imageAboutSchema,
  "image-layers": imageLayersSchema,
  "image-directory": directoryPageSchema,
  "image-path": z.array(pathStepSchema).max(MAX_IMAGE_LAYERS),
  "image-search": searchResultSchema,
  "image-file": filePartSchema,
  "image-comparison": imageComparisonSchema,
  "image-differences": z.array(imageDifferenceSchema).max(MAX_PAGE_ENTRIES),
} as const;
