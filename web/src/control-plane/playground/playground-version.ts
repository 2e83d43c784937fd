import type { PlaygroundId } from "@slipway/protocol";
import { z } from "zod";
import type { FileEntry, Saved, TextContent } from "./playground.ts";

/** Most versions of one playground; then the oldest go. */
export const MAX_VERSIONS = 200;
/** Most that all contents of one playground take, earlier ones included, bytes; then the oldest versions go. */
export const MAX_STORED_BYTES = 96 * 1024 * 1024;
/** Longest name of a version, characters. */
export const MAX_VERSION_NAME_LENGTH = 80;
/** After this time without a change, what was there is a version once the next one comes. */
export const PAUSE_MS = 60_000;
/** The same for somebody who never pauses. */
export const LONGEST_BURST_MS = 10 * 60_000;

/**
 * Why a version was recorded. Each is recorded before something else happens: `pause`: a change after a pause; `change`:
 * something goes away; `build`: a build of these files; `import`, `restore`: many files are replaced; `conflict`: one text
 * of two people is chosen; `asked`: somebody gave it a name.
 */
export const versionCauseSchema = z.enum([
  "pause",
  "change",
  "build",
  "import",
  "restore",
  "conflict",
  "asked",
]);
export type VersionCause = z.infer<typeof versionCauseSchema>;

/** The files of a version as they are stored. */
export const treeSchema = z.array(
  z.object({
    path: z.string(),
    digest: z.string().nullable(),
    bytes: z.number(),
    executable: z.boolean(),
    updatedAt: z.number(),
  }),
);
export type Tree = z.infer<typeof treeSchema>;

export interface VersionView {
  readonly number: number;
  readonly cause: VersionCause;
  readonly name: string | null;
  /** When the files became like this. */
  readonly createdAt: number;
  readonly fileCount: number;
  readonly byteCount: number;
}

/** A file that is not the same in a version and now. */
export interface VersionDifference {
  readonly path: string;
  /** `added`: it is there now and was not then. */
  readonly change: "added" | "changed" | "removed";
  /** As it was then, or is now where it was not there. */
  readonly entry: FileEntry;
}

/** Earlier states of a playground's files. Callers have checked the ownership. */
export interface Versions {
  /** The newest first. */
  list(id: PlaygroundId): Promise<VersionView[]>;
  /** What is different now. @throws version-missing */
  differences(id: PlaygroundId, number: number): Promise<VersionDifference[]>;
  /** A text of a version. @throws version-missing, file-missing */
  readText(id: PlaygroundId, number: number, path: string): Promise<TextContent>;
  /** Records the files as they are under a name. */
  keep(id: PlaygroundId, name: string): Promise<void>;
  /** Makes the files those of a version; what is there now becomes a version itself. @throws version-missing */
  restore(id: PlaygroundId, number: number): Promise<Saved>;
}
