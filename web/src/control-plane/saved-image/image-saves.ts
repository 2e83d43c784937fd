import {
  commandIdSchema,
  imageSummarySchema,
  type Reply,
  SlipwayError,
  sessionIdSchema,
  type WireError,
  wireErrorSchema,
} from "@slipway/protocol";
import type { Logger } from "pino";
import type { ConnectedWorkers } from "../agents/connected-workers.ts";
import type { Database, SavedImage } from "../db/database.ts";
import { encode } from "../db/documents.ts";
import type { Signals } from "../signals.ts";

/** Longest wait for a worker that saves: a full disk has to be read, hashed and written. */
const SAVE_TIMEOUT_MS = 5 * 60_000;

/** Repository of the images of a playground; its tag `latest` is what builds make. */
export const imageReference = (playgroundId: string, name: string): string =>
  `slipway/${playgroundId}:${name}`;

/** What those who wait for a playground's saved images watch. */
export const savedImagesKey = (playgroundId: string): string => `saved-images ${playgroundId}`;

export interface ImageSavesOptions {
  readonly database: Database;
  readonly workers: ConnectedWorkers;
  readonly signals: Signals;
  readonly log: Logger;
}

/** Has workers save images. The command's id is in the row, so a save that was interrupted is asked for again. */
export class ImageSaves {
  readonly #options: ImageSavesOptions;

  constructor(options: ImageSavesOptions) {
    this.#options = options;
  }

  /** Does not wait. */
  tell(saved: SavedImage): void {
    void this.#save(saved).catch((error: unknown) => {
      this.#options.log.warn({ err: error, image: saved.id }, "a save was not answered");
    });
  }

  /** Asks a worker again for what it has not answered to. */
  async repeat(workerId: string): Promise<void> {
    const rows = await this.#options.database.savedImage.findMany({ where: { workerId, state: "saving" } });
    for (const row of rows) this.tell(row);
  }

  /** The worker does not come back. */
  async giveUp(workerId: string): Promise<void> {
    const error = new SlipwayError("worker-lost", "The worker that had the session is gone.").toWire();
    const rows = await this.#options.database.savedImage.findMany({ where: { workerId, state: "saving" } });
    for (const row of rows) await this.#finish(row, { state: "failed", error: wire(error) });
  }

  async #save(saved: SavedImage): Promise<void> {
    const { workers } = this.#options;
    if (!workers.get(saved.workerId)) return;
    const reply = await workers.command(
      saved.workerId,
      {
        kind: "save-image",
        commandId: commandIdSchema.parse(saved.commandId),
        sessionId: sessionIdSchema.parse(saved.sessionId),
        name: imageReference(saved.playgroundId, saved.name),
      },
      SAVE_TIMEOUT_MS,
    );
    await this.#finish(saved, outcome(reply));
  }

  async #finish(saved: SavedImage, data: ReturnType<typeof outcome>): Promise<void> {
    const { id, commandId, playgroundId } = saved;
    await this.#options.database.savedImage.updateMany({ where: { id, commandId, state: "saving" }, data });
    this.#options.signals.notify(savedImagesKey(playgroundId));
  }
}

const wire = (error: WireError) => encode(wireErrorSchema, error);

function outcome(reply: Reply) {
  if (!reply.ok) return { state: "failed", error: wire(reply.error) } as const;
  if (reply.image)
    return { state: "saved", image: encode(imageSummarySchema, reply.image), error: null } as const;
  const error = new SlipwayError("internal", "The worker saved an image and did not say which.").toWire();
  return { state: "failed", error: wire(error) } as const;
}
