import type { Digest } from "@slipway/protocol";

/** A container that stands on an image. */
export interface ImageUser {
  readonly id: string;
  readonly running: boolean;
}

/** Who stands on an image of the session. */
export type ImageUsers = (image: Digest) => readonly ImageUser[];
