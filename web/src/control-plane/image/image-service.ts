import { imageSummarySchema, type PlaygroundId, SlipwayError } from "@slipway/protocol";
import type { ConnectedWorkers } from "../agents/connected-workers.ts";
import type { Database } from "../db/database.ts";
import { decodeNullable } from "../db/documents.ts";
import { MAX_SAVED_IMAGES } from "../saved-image/saved-image.ts";
import {
  type ImageName,
  type Images,
  type ListedImage,
  MAX_LISTED_BUILDS,
  type PlacedImage,
} from "./image.ts";

export interface ImagesOptions {
  readonly database: Database;
  readonly workers: ConnectedWorkers;
}

/** Finds images in the database and asks the workers that have them. */
export function createImages({ database, workers }: ImagesOptions): Images {
  const place = (playgroundId: PlaygroundId, name: ImageName) =>
    name.kind === "docker"
      ? placeInSession(database, workers, playgroundId, name)
      : placeOf(database, playgroundId, name);
  const places = async (playgroundId: PlaygroundId, name: ImageName, other: ImageName) => {
    const [one, two] = await Promise.all([place(playgroundId, name), place(playgroundId, other)]);
    if (one.workerId === two.workerId) return { ...one, other: two.digest };
    throw new SlipwayError("images-apart", "The images are on different workers.");
  };
  return {
    list: (playgroundId) => listImages(database, playgroundId),

    async about(playgroundId, name) {
      const { workerId, digest: image } = await place(playgroundId, name);
      return await workers.query<"image-about">(workerId, { kind: "image-about", image });
    },
    async layers(playgroundId, name) {
      const { workerId, digest: image } = await place(playgroundId, name);
      return await workers.query<"image-layers">(workerId, { kind: "image-layers", image });
    },
    async directory(playgroundId, name, asked) {
      const { workerId, digest: image } = await place(playgroundId, name);
      return await workers.query<"image-directory">(workerId, { kind: "image-directory", image, ...asked });
    },
    async path(playgroundId, name, asked) {
      const { workerId, digest: image } = await place(playgroundId, name);
      return await workers.query<"image-path">(workerId, { kind: "image-path", image, ...asked });
    },
    async search(playgroundId, name, asked) {
      const { workerId, digest: image } = await place(playgroundId, name);
      return await workers.query<"image-search">(workerId, { kind: "image-search", image, ...asked });
    },
    async file(playgroundId, name, asked) {
      const { workerId, digest: image } = await place(playgroundId, name);
      return await workers.query<"image-file">(workerId, { kind: "image-file", image, ...asked });
    },
    async compare(playgroundId, name, other) {
      const { workerId, digest: image, ...rest } = await places(playgroundId, name, other);
      return await workers.query<"image-comparison">(workerId, { kind: "image-comparison", image, ...rest });
    },
    async differences(playgroundId, name, other, page) {
      const { workerId, digest: image, ...rest } = await places(playgroundId, name, other);
      return await workers.query<"image-differences">(workerId, {
        kind: "image-differences",
        image,
        ...rest,
        ...page,
      });
    },
  };
}

async function listImages(database: Database, playgroundId: PlaygroundId): Promise<ListedImage[]> {
  const [builds, saved] = await Promise.all([
    database.build.findMany({
      where: { playgroundId, state: "succeeded" },
      orderBy: { createdAt: "desc" },
      take: MAX_LISTED_BUILDS,
      select: { id: true, image: true, createdAt: true },
    }),
    database.savedImage.findMany({ where: { playgroundId }, take: MAX_SAVED_IMAGES }),
  ]);
  const images = [
    ...builds.map(({ id: buildId, image, createdAt }) =>
      listed({ kind: "build", buildId }, null, image, createdAt),
    ),
    ...saved.map(({ id: savedImageId, name, image, savedAt }) =>
      listed({ kind: "saved", savedImageId }, name, image, savedAt),
    ),
  ];
  return images.filter((image) => image !== null).sort((left, right) => right.madeAt - left.madeAt);
}

function listed(
  name: ImageName,
  tag: string | null,
  document: string | null,
  madeAt: Date,
): ListedImage | null {
  const image = decodeNullable(imageSummarySchema, document);
  if (image === null) return null;
  const { digest, sizeBytes, layerCount } = image;
  return { name, tag, madeAt: madeAt.getTime(), digest, sizeBytes, layerCount };
}

type NameOf<Kind extends ImageName["kind"]> = Extract<ImageName, { kind: Kind }>;

/** What docker calls so there: its worker knows, at every question anew. @throws session-not-running, image-missing */
async function placeInSession(
  database: Database,
  workers: ConnectedWorkers,
  playgroundId: PlaygroundId,
  { sessionId: session, imageId }: NameOf<"docker">,
): Promise<PlacedImage> {
  const where = { id: session, playgroundId, state: "running" } as const;
  const row = await database.session.findFirst({ where, select: { workerId: true } });
  if (!row?.workerId) throw new SlipwayError("session-not-running", "The session does not run.");
  const query = { kind: "session-image", session, imageId } as const;
  return { workerId: row.workerId, ...(await workers.query<"session-image">(row.workerId, query)) };
}

/** @throws image-missing, for another playground's image as well */
async function placeOf(
  database: Database,
  playgroundId: PlaygroundId,
  name: NameOf<"build" | "saved">,
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
