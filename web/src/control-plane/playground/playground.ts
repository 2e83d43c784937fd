import type { PlaygroundId } from "@slipway/protocol";
import { z } from "zod";
import type { BuildView } from "../build/build.ts";
import type { SessionView } from "../session/session.ts";

/** What a new playground starts with. `node`: the HTTP server of the Docker introductions. */
export const templateSchema = z.enum(["node"]);
export type Template = z.infer<typeof templateSchema>;

/** Most files of one playground. */
export const MAX_PLAYGROUND_FILES = 200;
/** Largest file, bytes of UTF-8. */
export const MAX_FILE_BYTES = 512 * 1024;
/** Largest sum of a playground's files, bytes of UTF-8. */
export const MAX_PLAYGROUND_BYTES = 2 * 1024 * 1024;
/** Most playgrounds of one person. */
export const MAX_PLAYGROUNDS = 200;
/** Playgrounds that a list shows, the newest first. */
export const PLAYGROUND_LIST_LENGTH = MAX_PLAYGROUNDS;

/** Times are milliseconds since the epoch, here and in all views. */
export interface PlaygroundFileView {
  readonly path: string;
  readonly content: string;
  readonly updatedAt: number;
}

export interface PlaygroundView {
  readonly id: PlaygroundId;
  readonly name: string;
  /** Sorted by path. */
  readonly files: readonly PlaygroundFileView[];
  /** The newest build. */
  readonly build: BuildView | null;
  /** The newest session. */
  readonly session: SessionView | null;
  /** When a file last changed. */
  readonly savedAt: number;
}

export interface PlaygroundSummary {
  readonly id: PlaygroundId;
  readonly name: string;
  readonly savedAt: number;
}

/**
 * Playgrounds and their files. Callers have checked that the playground belongs to the person who asks. Writing the same
 * content twice is the same as writing it once; of two writers the last one wins.
 */
export interface Playgrounds {
  create(ownerId: string, template: Template): Promise<PlaygroundId>;
  /** @throws playground-missing */
  get(id: PlaygroundId): Promise<PlaygroundView>;
  list(ownerId: string): Promise<PlaygroundSummary[]>;
  /** Answers the time of the change. @throws file-name-invalid, files-too-large, request-invalid */
  saveFile(id: PlaygroundId, path: string, content: string): Promise<number>;
  /** A file that is not there is no error. */
  deleteFile(id: PlaygroundId, path: string): Promise<number>;
  /** @throws file-name-invalid when the target's name is wrong or taken, or there is no file called `from` */
  renameFile(id: PlaygroundId, from: string, to: string): Promise<number>;
}
