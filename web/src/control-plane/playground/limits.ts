import { SlipwayError } from "@slipway/protocol";

const MIB = 1024 * 1024;

/** Most files and folders of one playground. */
export const MAX_PLAYGROUND_FILES = 2_000;
/** Largest file, bytes. */
export const MAX_FILE_BYTES = 8 * MIB;
/** Largest text that the editor opens and saves, bytes of UTF-8. */
export const MAX_TEXT_BYTES = MIB;
/** Largest sum of a playground's files, bytes. */
export const MAX_PLAYGROUND_BYTES = 32 * MIB;
/** Largest zip that is taken in, bytes. */
export const MAX_ZIP_BYTES = 32 * MIB;
/** Most playgrounds of one person. */
export const MAX_PLAYGROUNDS = 200;
/** Longest name of a playground, characters. */
export const MAX_NAME_LENGTH = 100;

/** The limits of files as the page tells them. */
export const FILE_LIMITS = {
  files: MAX_PLAYGROUND_FILES,
  fileBytes: MAX_FILE_BYTES,
  textBytes: MAX_TEXT_BYTES,
  playgroundBytes: MAX_PLAYGROUND_BYTES,
  zipBytes: MAX_ZIP_BYTES,
} as const;

/** What a limit is about: the sentences of `files-too-large` choose by it. Those of bytes are told in MiB. */
type Limited = "file" | "text" | "playground" | "zip" | "files" | "playgrounds";

/** @returns the error that names the limit */
export const tooLarge = (what: Limited, limit: number): SlipwayError =>
  new SlipwayError("files-too-large", `That is too much: the limit of ${what} is ${limit}.`, {
    params: { what, limit: what === "files" || what === "playgrounds" ? limit : limit / MIB },
  });
