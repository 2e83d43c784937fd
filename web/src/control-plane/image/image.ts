import type { Digest, ImageAbout, PlaygroundId } from "@slipway/protocol";
import { z } from "zod";

const id = z.string().min(1).max(64);

/** An image of a playground, as pages name it: what a build made, or what was saved of a session. */
export const imageNameSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("build"), buildId: id }),
  z.object({ kind: z.literal("saved"), savedImageId: id }),
]);
export type ImageName = z.infer<typeof imageNameSchema>;

/** Where an image is. */
export interface PlacedImage {
  readonly workerId: string;
  readonly digest: Digest;
}

/**
 * A look into the images of a playground. Callers have checked that the playground is the person's own; an image that is not
 * one of it does not exist (`image-missing`). All reject with `worker-lost` and `worker-busy` as well.
 */
export interface Images {
  /** What the config of an image says, and which instructions it was made by. */
  about(playgroundId: PlaygroundId, name: ImageName): Promise<ImageAbout>;
}
