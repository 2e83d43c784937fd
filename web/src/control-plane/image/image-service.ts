import { imageSummarySchema, type PlaygroundId, SlipwayError } from "@slipway/protocol";
import type { ConnectedWorkers } from "../agents/connected-workers.ts";
import type { Database } from "../db/database.ts";
import { decodeNullable } from "../db/documents.ts";
import type { ImageName, Images, PlacedImage } from "./image.ts";

export interface ImagesOptions {
  readonly database: Database;
  readonly workers: ConnectedWorkers;
}

/** Finds images in the database and asks the workers that have them. */
export function createImages({ database, workers }: ImagesOptions): Images {
  const place = (playgroundId: PlaygroundId, name: ImageName) => placeOf(database, playgroundId, name);
  return {
    async about(playgroundId, name) {
      const { workerId, digest } = await place(playgroundId, name);
      return await workers.query<"image-about">(workerId, { kind: "image-about", image: digest });
    },
  };
}

/** @throws image-missing, for another playground's image as well */
async function placeOf(
  database: Database,
  playgroundId: PlaygroundId,
  name: ImageName,
): Promise<PlacedImage> {
  const select = { image: true, workerId: true } as const;
  const row =
    name.kind === "build"
      ? await database.build.findFirst({ where: { id: name.buildId, playgroundId }, select })
      : await database.savedImage.findFirst({ where: { id: name.savedImageId, playgroundId }, select });
  const image = row && decodeNullable(imageSummarySchema, row.image);
  if (!image || !row.workerId) throw new SlipwayError("image-missing", "The playground has no such image.");
  return { workerId: row.workerId, digest: image.digest };
}
