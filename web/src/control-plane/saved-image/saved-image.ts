import type { ImageSummary, PlaygroundId, SessionId, WireError } from "@slipway/protocol";
import { z } from "zod";

/** Most saved images of one playground. */
export const MAX_SAVED_IMAGES = 20;

/** A tag as in the OCI distribution spec ("Pulling manifests"), lower case; `latest` is what builds make. */
export const savedImageNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, "expected up to 63 of a-z, 0-9, dot, underscore and hyphen")
  .refine((name) => name !== "latest", "`latest` is the image of the newest build");

/** What a session wrote, kept as an image. Times are milliseconds since the epoch. */
export interface SavedImageView {
  readonly id: string;
  readonly name: string;
  /** As it is used after FROM in a Dockerfile of the same playground. */
  readonly reference: string;
  readonly sessionId: string;
  readonly state: "saving" | "saved" | "failed";
  /** What can be launched under this name; null until the first save has succeeded. */
  readonly image: Pick<ImageSummary, "digest" | "sizeBytes" | "layerCount"> | null;
  /** Why the last save failed. */
  readonly error: WireError | null;
  readonly savedAt: number;
}

/** Saved images as people use them. Callers have checked the ownership. */
export interface SavedImages {
  /**
   * Begins to save what the session has written; `watch` tells the result. A name that is there is saved anew and keeps its
   * image until that has succeeded; one that is being saved of this session is left alone.
   * @throws session-not-running, session-files-gone, saved-image-limit
   */
  save(sessionId: SessionId, name: string): Promise<SavedImageView>;
  /** The newest first. */
  list(playgroundId: PlaygroundId): Promise<SavedImageView[]>;
  /** The present list, then one per change. */
  watch(playgroundId: PlaygroundId, signal: AbortSignal): AsyncGenerator<SavedImageView[], void>;
  /** One that is not there is no error. What runs of it goes on. */
  delete(playgroundId: PlaygroundId, id: string): Promise<void>;
}
