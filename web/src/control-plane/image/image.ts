import {
  type Digest,
  type DirectoryPage,
  digestSchema,
  type FilePart,
  type ImageAbout,
  type ImageComparison,
  type ImageDifference,
  type ImageLayers,
  type ImageSummary,
  type PathStep,
  type PlaygroundId,
  type QueryOf,
  type SearchResult,
  sessionIdSchema,
} from "@slipway/protocol";
import { z } from "zod";

const id = z.string().min(1).max(64);

/** An image of a playground, as pages name it: what a build made, what was saved of a session, or what docker has in one that runs. */
export const imageNameSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("build"), buildId: id }),
  z.object({ kind: z.literal("saved"), savedImageId: id }),
  z.object({ kind: z.literal("docker"), sessionId: sessionIdSchema, imageId: digestSchema }),
]);
export type ImageName = z.infer<typeof imageNameSchema>;

/** Images of a playground that `list` tells of at most: of builds, the newest first. Saved ones are all told. */
export const MAX_LISTED_BUILDS = 30;

/** An image that can be looked into. Times are milliseconds since the epoch. */
export interface ListedImage extends Pick<ImageSummary, "digest" | "sizeBytes" | "layerCount"> {
  readonly name: ImageName;
  /** Of a saved one. */
  readonly tag: string | null;
  readonly madeAt: number;
}

/** Where an image is. */
export interface PlacedImage {
  readonly workerId: string;
  readonly digest: Digest;
}

/** What is asked about an image, which the playground and its name say. */
type Asked<Kind extends "image-directory" | "image-path" | "image-search" | "image-file"> = Omit<
  QueryOf<Kind>,
  "kind" | "image"
>;
/**
 * A look into the images of a playground. Callers have checked that the playground is the person's own; an image that is not
 * one of it does not exist (`image-missing`), nor does one of docker when its session does not run (`session-not-running`). All reject with `worker-lost` and `worker-busy` as well.
 */
export interface Images {
  /** What the config of an image says, and which instructions it was made by. */
  about(playgroundId: PlaygroundId, name: ImageName): Promise<ImageAbout>;
  /** The newest first. */
  list(playgroundId: PlaygroundId): Promise<ListedImage[]>;
  /** What each layer does, and which files waste the most bytes. */
  layers(playgroundId: PlaygroundId, name: ImageName): Promise<ImageLayers>;
  /** @throws file-missing; so do the next three but `search` */
  directory(
    playgroundId: PlaygroundId,
    name: ImageName,
    asked: Asked<"image-directory">,
  ): Promise<DirectoryPage>;
  /** What each layer did to a path. */
  path(playgroundId: PlaygroundId, name: ImageName, asked: Asked<"image-path">): Promise<PathStep[]>;
  search(playgroundId: PlaygroundId, name: ImageName, asked: Asked<"image-search">): Promise<SearchResult>;
  file(playgroundId: PlaygroundId, name: ImageName, asked: Asked<"image-file">): Promise<FilePart>;
  /** From the first image to the other one. @throws images-apart when they are on different workers */
  compare(playgroundId: PlaygroundId, name: ImageName, other: ImageName): Promise<ImageComparison>;
  differences(
    playgroundId: PlaygroundId,
    name: ImageName,
    other: ImageName,
    page: Pick<QueryOf<"image-differences">, "after" | "limit">,
  ): Promise<ImageDifference[]>;
}
