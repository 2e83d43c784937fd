import {
  imageSummarySchema,
  type PlaygroundId,
  type SessionId,
  SlipwayError,
  wireErrorSchema,
} from "@slipway/protocol";
import type { Database, SavedImage } from "../db/database.ts";
import { decodeNullable } from "../db/documents.ts";
import { newCommandId, newSavedImageId } from "../ids.ts";
import type { Signals } from "../signals.ts";
import { type ImageSaves, imageReference, savedImagesKey } from "./image-saves.ts";
import { MAX_SAVED_IMAGES, type SavedImages, type SavedImageView } from "./saved-image.ts";

export interface SavedImagesOptions {
  readonly database: Database;
  readonly signals: Signals;
  readonly saves: ImageSaves;
}

export function createSavedImages({ database, signals, saves }: SavedImagesOptions): SavedImages {
  const list = async (playgroundId: PlaygroundId): Promise<SavedImageView[]> => {
    const rows = await database.savedImage.findMany({
      where: { playgroundId },
      orderBy: { savedAt: "desc" },
      take: MAX_SAVED_IMAGES,
    });
    return rows.map(viewOf);
  };
  return {
    list,

    async save(sessionId, name) {
      const session = await savable(database, sessionId);
      const { playgroundId } = session;
      const earlier = await database.savedImage.findUnique({
        where: { playgroundId_name: { playgroundId, name } },
      });
      if (earlier?.state === "saving" && earlier.sessionId === sessionId) return viewOf(earlier);
      const number = await database.savedImage.count({ where: { playgroundId } });
      if (!earlier && number >= MAX_SAVED_IMAGES) {
        throw new SlipwayError("saved-image-limit", "The playground has as many saved images as it may.", {
          params: { limit: MAX_SAVED_IMAGES },
        });
      }
      const { buildId, workerId } = session;
      const facts = { buildId, workerId, sessionId, commandId: newCommandId(), savedAt: new Date() };
      const row = await database.savedImage.upsert({
        where: { playgroundId_name: { playgroundId, name } },
        create: { id: newSavedImageId(), playgroundId, name, ...facts },
        update: { ...facts, state: "saving", error: null },
      });
      signals.notify(savedImagesKey(playgroundId));
      saves.tell(row);
      return viewOf(row);
    },

    async *watch(playgroundId, signal) {
      let last = "";
      for await (const _ of signals.watch(savedImagesKey(playgroundId), signal)) {
        const images = await list(playgroundId);
        const text = JSON.stringify(images);
        if (text !== last) yield images;
        last = text;
      }
    },

    async delete(playgroundId, id) {
      await database.savedImage.deleteMany({ where: { id, playgroundId } });
      signals.notify(savedImagesKey(playgroundId));
    },
  };
}

/** @throws session-not-running, session-files-gone */
async function savable(database: Database, sessionId: SessionId) {
  const session = await database.session.findUnique({ where: { id: sessionId } });
  if (!session?.workerId) throw new SlipwayError("session-not-running", "The session is not running.");
  const { state, filesKeptUntil, workerId } = session;
  if (state === "ended" && (filesKeptUntil === null || filesKeptUntil.getTime() < Date.now()))
    throw new SlipwayError("session-files-gone", "Nothing of the session is kept any more.");
  if (state !== "running" && state !== "ended")
    throw new SlipwayError("session-not-running", "The session is not running.");
  return { ...session, workerId };
}

function viewOf(row: SavedImage): SavedImageView {
  const image = decodeNullable(imageSummarySchema, row.image);
  return {
    id: row.id,
    name: row.name,
    reference: imageReference(row.playgroundId, row.name),
    sessionId: row.sessionId,
    state: row.state,
    image: image && { digest: image.digest, sizeBytes: image.sizeBytes, layerCount: image.layerCount },
    error: decodeNullable(wireErrorSchema, row.error),
    savedAt: row.savedAt.getTime(),
  };
}
