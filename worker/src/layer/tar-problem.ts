import { SlipwayError } from "@slipway/protocol";
import { asDiskError, errnoOf } from "../content/atomic-file.ts";

/** Something about an archive that its maker is to hear. */
export class TarProblem extends Error {}

/** An archive is above the limits. */
export class TarTooLarge extends TarProblem {}

/** Errors that the archive's content causes: bad paths, links in circles, names that are too long. */
const CONTENT_ERRNOS = new Set([
  "EEXIST",
  "ENOENT",
  "ENOTDIR",
  "ELOOP",
  "ENAMETOOLONG",
  "EXDEV",
  "EISDIR",
  "EMLINK",
  "EINVAL",
  "EPERM",
]);

/** Codes of system calls; others (`STREAM_DESTROYED`) are those of the reader that gave up. */
const SYSTEM_ERROR = /^E[A-Z0-9]+$/;

/** What reading or unpacking an archive failed with, as what people are told. */
export function asTarError(error: unknown, subject: string): unknown {
  if (error instanceof SlipwayError) return error;
  const errno = errnoOf(error);
  if (errno === "ENOSPC" || errno === "EDQUOT") return asDiskError(error);
  if (
    error instanceof TarProblem ||
    errno === null ||
    CONTENT_ERRNOS.has(errno) ||
    !SYSTEM_ERROR.test(errno)
  ) {
    const reason = error instanceof Error ? error.message : String(error);
    const message =
      error instanceof TarProblem ? `${subject} ${reason}.` : `${subject} can't be unpacked: ${reason}.`;
    return new SlipwayError("context-invalid", message, { params: { reason }, cause: error });
  }
  return error;
}
