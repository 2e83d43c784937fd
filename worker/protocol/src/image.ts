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
