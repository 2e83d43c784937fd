import type { PlaygroundId } from "@slipway/protocol";
import { z } from "zod";
import type { BuildView } from "../build/build.ts";
import type { SessionView } from "../session/session.ts";
import type { FILE_LIMITS } from "./limits.ts";

/**
 * What a new playground starts with. `node`: the HTTP server of the Docker introductions; `docker-host`: the same, to be built and
 * run by `docker` in its terminal.
 */
export const templateSchema = z.enum([
  "node",
  "docker-host",
  "python",
  "static-site",
  "multi-stage",
  "redis",
  "broken-copy",
  "broken-package",
  "broken-stage",
  "broken-script",
]);
export type Template = z.infer<typeof templateSchema>;

/** Language of the comments in a template. */
export const templateLanguageSchema = z.enum(["ko", "en"]);
export type TemplateLanguage = z.infer<typeof templateLanguageSchema>;

/** A file, or a folder where `digest` is null. Times are milliseconds since the epoch, here and in all views. */
export interface FileEntry {
  readonly path: string;
  /** Of the content: `sha256:` and 64 hexadecimal digits. */
  readonly digest: string | null;
  readonly bytes: number;
  /** Whether it is a text that the editor can open. */
  readonly isText: boolean;
  readonly executable: boolean;
  readonly updatedAt: number;
}

export interface TextContent {
  readonly path: string;
  readonly digest: string;
  readonly content: string;
}

export interface PlaygroundView {
  readonly id: PlaygroundId;
  readonly name: string;
  /** Grows with every change of the files. */
  readonly revision: number;
  /** Sorted by path; without contents, which `readText` brings. */
  readonly files: readonly FileEntry[];
  /** Dockerfile and .dockerignore, which the page needs at once. */
  readonly texts: readonly TextContent[];
  readonly limits: typeof FILE_LIMITS;
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
  readonly fileCount: number;
  readonly byteCount: number;
  /** Whether a session of it is live. */
  readonly live: boolean;
}

/** What changed since the last news. */
export interface FileNews {
  /** The first news of a watch: `changed` has all files, and there are no others. */
  readonly whole: boolean;
  readonly revision: number;
  readonly name: string;
  readonly savedAt: number;
  readonly changed: readonly FileEntry[];
  readonly removed: readonly string[];
}

/** The state of files after a change. */
export interface Saved {
  readonly savedAt: number;
  readonly revision: number;
}

export type SaveOutcome =
  | ({ readonly outcome: "saved"; readonly digest: string } & Saved)
  /** Somebody else changed the file meanwhile, and nothing was written. */
  | { readonly outcome: "conflict"; readonly theirs: Theirs };

/** What is there now; `content` is null for what is no text. */
export type Theirs =
  | { readonly kind: "gone" }
  | { readonly kind: "file"; readonly digest: string; readonly content: string | null };

export interface SaveWish {
  readonly path: string;
  readonly content: string;
  /**
   * Digest of the content that the change began with, null for a file that was not there. A file that has another content
   * by now is not written. Without it the last writer wins.
   */
  readonly base?: string | null | undefined;
  /** Keeps what is replaced as a version, whatever its age. */
  readonly keep?: boolean | undefined;
}

/** A file of an import. */
export interface ImportedFile {
  readonly path: string;
  /** Null for a folder. */
  readonly content: Uint8Array | null;
  readonly executable: boolean;
}

/**
 * The files of playgrounds. Callers have checked that the playground belongs to the person who asks. Changes of one
 * playground happen one after the other; writing the same content twice is the same as writing it once.
 */
export interface PlaygroundFiles {
  /** @throws file-missing when there is no such text */
  readText(id: PlaygroundId, path: string): Promise<TextContent>;
  /** @throws file-name-invalid, files-too-large, request-invalid */
  saveFile(id: PlaygroundId, wish: SaveWish): Promise<SaveOutcome>;
  /** @throws file-name-invalid, files-too-large */
  createFolder(id: PlaygroundId, path: string): Promise<Saved>;
  /** A file, or a folder with all in it. What is not there is no error. */
  remove(id: PlaygroundId, path: string): Promise<Saved>;
  /** The same. @throws file-name-invalid when the target's name is wrong or taken, or there is nothing called `from` */
  move(id: PlaygroundId, from: string, to: string): Promise<Saved>;
  /** Writes all of them or none; files of the same name are replaced. @throws as saveFile */
  importFiles(id: PlaygroundId, files: readonly ImportedFile[]): Promise<Saved>;
}

/**
 * Playgrounds and their files. Callers have checked that the playground belongs to the person who asks.
 */
export interface Playgrounds extends PlaygroundFiles {
  create(ownerId: string, template: Template, language: TemplateLanguage): Promise<PlaygroundId>;
  /** @throws playground-missing */
  get(id: PlaygroundId): Promise<PlaygroundView>;
  /** The newest first; with `search`, those whose name or a path of theirs holds it. */
  list(ownerId: string, search?: string): Promise<PlaygroundSummary[]>;
  rename(id: PlaygroundId, name: string): Promise<void>;
  /** With builds, versions and saved images. @throws playground-in-use while a session or a build of it is under way */
  delete(id: PlaygroundId): Promise<void>;
  /** A playground of their own with the files as they are now. */
  fork(id: PlaygroundId, ownerId: string): Promise<PlaygroundId>;
  /** What changes in the files, whoever changes it. */
  watch(id: PlaygroundId, signal: AbortSignal): AsyncGenerator<FileNews, void>;
}
